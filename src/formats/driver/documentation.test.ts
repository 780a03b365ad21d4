import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { cabFindings } from '../containers/cab-findings.ts'
import { driverFindings } from './findings.ts'

const page = readFileSync(new URL('../../../docs/formats/driver.md', import.meta.url), 'utf8')

/** `code severity` of every line of a table. */
function documented(prefix: string): string[] {
  const lines = page.matchAll(/^\| `([a-z0-9-]+)` \| (error|warning|notice) \| .+ \| .+ \|$/gm)
  return [...lines]
    .map(([, code, severity]) => `${code} ${severity}`)
    .filter((line) => line.startsWith(prefix))
}

const catalogued = (rules: Readonly<Record<string, { severity: string }>>): string[] =>
  Object.entries(rules).map(([code, { severity }]) => `${code} ${severity}`)

test('every finding of cabinets and drivers is documented once, with its severity, and no other', () => {
  assert.deepEqual(documented('cab-').toSorted(), catalogued(cabFindings).toSorted())
  assert.deepEqual(documented('driver-').toSorted(), catalogued(driverFindings).toSorted())
})

test('codes are kebab-case and carry the prefix of their catalogue', () => {
  for (const code of Object.keys(cabFindings)) assert.match(code, /^cab(?:-[a-z0-9]+)+$/)
  for (const code of Object.keys(driverFindings)) assert.match(code, /^driver(?:-[a-z0-9]+)+$/)
})

test('every message is a sentence or more', () => {
  for (const { message } of [...Object.values(cabFindings), ...Object.values(driverFindings)]) {
    const text = (message as (...details: unknown[]) => string)('1', '2', '3')
    assert.match(text, /^[A-Z0-9“].*\.$/, text)
  }
})
