import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type MsixCode, MsixFindings, msixRules } from './findings.ts'

const page = readFileSync(new URL('../../../docs/formats/msix.md', import.meta.url), 'utf8')

test('docs/formats/msix.md lists every code with its severity, when it is said and on what evidence, and no other', () => {
  const rows = [...page.matchAll(/^\| `(msix-[a-z0-9-]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$/gm)]
  const documented = rows.map(([, code, severity]) => `${code} ${severity}`)
  const known = Object.entries(msixRules).map(([code, { severity }]) => `${code} ${severity}`)
  assert.deepEqual(documented.sort(), known.sort())
  for (const [, code, , when, evidence] of rows) {
    assert.match(when ?? '', /\w{3}/, `${code} does not say when`)
    assert.match(
      evidence ?? '',
      /\b(?:DOC|SCHEMA|SDK|CORPUS|FORMAT|OWN|INFERRED)\b/,
      `${code} has no evidence`,
    )
  }
})

test('every code is in kebab case and every message a sentence with advice', () => {
  for (const [code, { message }] of Object.entries(msixRules)) {
    assert.match(code, /^msix(?:-[a-z0-9]+)+$/)
    assert.match(message('it is wrong'), /^It is wrong\. [A-Z].*\.$/, code)
  }
})

test('a finding of an inner package names the package in its target', () => {
  const findings = new MsixFindings()
  findings.inside('App.msix').say('msix-file-name', 'it is odd', 'a.txt')
  findings.inside('App.msix').say('msix-not-a-package', 'it is odd')
  findings.say('msix-not-a-package', 'it is odd')
  assert.deepEqual(
    findings.list().map(({ target }) => target),
    ['App.msix!a.txt', 'App.msix', undefined],
  )
})

test('a hundred thousand findings of one code become a few and a count', () => {
  const findings = new MsixFindings()
  for (let index = 0; index < 100_000; index += 1) findings.say('msix-file-name', 'it is odd', `${index}`)
  findings.say('msix-folder-entry', 'it is a folder', 'a/')
  const list = findings.list()
  assert.equal(list.length, 27)
  const last = list.at(-1)
  assert.equal(last?.code, 'msix-file-name')
  assert.equal(last?.severity, 'error')
  assert.match(last?.message ?? '', /^99975 more/)
})

test('what a package says of itself can not write control characters or pages of text into a message', () => {
  const findings = new MsixFindings()
  findings.say('msix-identity-name', `the name "\u001b[2J\n${'x'.repeat(100_000)}"`, '\u202eevil')
  const [finding] = findings.list()
  assert.ok((finding?.message.length ?? 0) < 1000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  assert.doesNotMatch(JSON.stringify(finding), /[\u0000-\u001f\u202e]/)
})

test('every code is said somewhere in the format', () => {
  const said = new Set<string>()
  for (const file of sources()) {
    for (const [, code] of readFileSync(file, 'utf8').matchAll(/'(msix-[a-z0-9-]+)'/g)) said.add(code ?? '')
  }
  const silent = (Object.keys(msixRules) as MsixCode[]).filter((code) => !said.has(code))
  assert.deepEqual(silent, [])
})

function sources(): URL[] {
  const here = new URL('./', import.meta.url)
  return readdirSync(here)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'findings.ts')
    .map((name) => new URL(name, here))
}
