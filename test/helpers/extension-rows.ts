import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesReader } from '../../src/formats/bytes-reader.ts'
import type { ExtensionCode } from '../../src/formats/extension/findings.ts'
import { extension } from '../../src/formats/extension/index.ts'
import type { Inspection, Severity } from '../../src/formats/types.ts'
import { buildExtension, type ExtensionSpec } from './extension-builder.ts'

/** An extension with one thing wrong, and what must be said about it. */
export interface ExtensionRow {
  readonly title: string
  readonly spec: ExtensionSpec
  readonly code: ExtensionCode
  /** `error` by default. */
  readonly severity?: Severity
  /** What the message begins with: the store's or the browser's own sentence. */
  readonly text: string
  readonly target?: string
}

export const inspectExtension = (spec: ExtensionSpec): Promise<Inspection> =>
  extension.inspect(bytesReader(buildExtension(spec)))

/** One test for each row. */
export function testExtensionRows(rows: readonly ExtensionRow[]): void {
  for (const { title, spec, code, severity = 'error', text, target } of rows) {
    test(`${title}: ${code}`, async () => {
      const inspection = await inspectExtension(spec)
      const found = inspection.findings.filter((finding) => finding.code === code)
      const wanted = found.find((finding) => target === undefined || finding.target === target)
      assert.ok(wanted !== undefined, JSON.stringify(inspection.findings))
      assert.ok(wanted.message.startsWith(text), wanted.message)
      assert.equal(wanted.severity, severity)
      if (severity === 'error') assert.equal(inspection.sound, false)
    })
  }
}

/** The sentence for a file that is not in the package (edge-addons.md 7.2). */
export const missingFile = (path: string): string =>
  `Manifest file reference '${path}' does not exist in the zip archive. (Note: File locations are case-sensitive)`

export const longText = (length: number): string => 'x'.repeat(length)
