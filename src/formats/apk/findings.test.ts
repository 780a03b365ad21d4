import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ApkFindings, apkFinding, apkRules } from './findings.ts'

const page = readFileSync(new URL('../../../docs/formats/apk.md', import.meta.url), 'utf8')

/** Code and severity of every row of the page's tables of findings. */
function documented(): Map<string, string> {
  const rows = page.matchAll(/^\| `(apk-[a-z0-9-]+)` \| (\w+) \| [^|]+ \| [^|]+ \|$/gm)
  return new Map([...rows].map(([, code = '', severity = '']) => [code, severity]))
}

test('the page documents every finding with its severity, when and evidence, and no others', () => {
  const catalogue = Object.entries(apkRules).map(([code, { severity }]) => [code, severity])
  assert.deepEqual([...documented()].sort(), catalogue.sort())
})

test('the page mentions no code that does not exist', () => {
  for (const [code] of page.matchAll(/apk-[a-z0-9]+(?:-[a-z0-9]+)+/g)) assert.ok(code in apkRules, code)
})

test('a finding is a sentence about its target and an advice', () => {
  assert.deepEqual(apkFinding('apk-split', 'it is the split "a" of a package', 'AndroidManifest.xml#split'), {
    code: 'apk-split',
    severity: 'warning',
    message: 'It is the split "a" of a package. Upload the base APK; a split can not be installed alone.',
    target: 'AndroidManifest.xml#split',
  })
})

test('names out of a package can not write to a terminal or a log', () => {
  const { message, target } = apkFinding('apk-v1-content', 'quoted \u001b[31m\nnext', 'a\u001b]0;x\u0007')
  for (const text of [message, target ?? '']) assert.match(text, /^\P{Cc}+$/u)
})

test('of each code twenty findings are listed, and how many more there were', () => {
  const findings = new ApkFindings()
  for (let index = 0; index < 1000; index++)
    findings.add('apk-v1-content', 'it was changed', `entry ${index}`)
  findings.add('apk-debuggable', 'the package is debuggable')
  const list = findings.list()
  assert.equal(list.length, 22)
  assert.match(list.at(-1)?.message ?? '', /^980 more of this kind\. /)
})
