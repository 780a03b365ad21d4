import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { zipRules } from '../containers/zip-findings.ts'
import { extensionRules } from './findings.ts'

const page = readFileSync(new URL('../../../docs/formats/extension.md', import.meta.url), 'utf8')

/** `code severity` of every line of a table. */
function documented(prefix: string): string[] {
  const lines = page.matchAll(/^\| `([a-z0-9-]+)` \| (error|warning|notice) \| .+ \|$/gm)
  return [...lines]
    .map(([, code, severity]) => `${code} ${severity}`)
    .filter((line) => line.startsWith(prefix))
}

const catalogued = (rules: Readonly<Record<string, { severity: string }>>): string[] =>
  Object.entries(rules).map(([code, { severity }]) => `${code} ${severity}`)

test('every finding of the extension format is documented with its severity, and no other', () => {
  assert.deepEqual(documented('extension-').sort(), catalogued(extensionRules).sort())
})

test('every finding of the ZIP container is documented with its severity, and no other', () => {
  assert.deepEqual(documented('zip-').sort(), catalogued(zipRules).sort())
})

test('codes are kebab-case and carry the prefix of their format', () => {
  for (const code of Object.keys(extensionRules)) assert.match(code, /^extension(?:-[a-z0-9]+)+$/)
  for (const code of Object.keys(zipRules)) assert.match(code, /^zip(?:-[a-z0-9]+)+$/)
})
