import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import { bytesReader } from '../../src/formats/bytes-reader.ts'
import { openZip } from '../../src/formats/containers/zip.ts'
import type { ZipCode } from '../../src/formats/containers/zip-findings.ts'
import { defaultLimits, type InspectionLimits } from '../../src/formats/types.ts'
import { buildZip, type ZipOptions, type ZipSpec } from './zip-builder.ts'

/** An archive and everything that must be said about it. */
export interface ZipRow {
  readonly title: string
  readonly entries?: readonly ZipSpec[]
  readonly options?: ZipOptions
  /** The archive itself, in place of entries and options. */
  readonly bytes?: Uint8Array
  readonly limits?: Partial<InspectionLimits>
  /** Every code that opening and, without errors, verifying must bring up, and no other. */
  readonly codes: readonly ZipCode[]
}

/** One test for each row. */
export function testZipRows(rows: readonly ZipRow[]): void {
  for (const { title, entries = [], options, bytes, limits, codes } of rows) {
    test(`${title}: ${codes.join(', ') || 'nothing wrong'}`, async () => {
      const reader = bytesReader(bytes ?? buildZip(entries, options))
      const archive = await openZip(reader, { ...defaultLimits, ...limits })
      const wrong = archive.findings.some(({ severity }) => severity === 'error')
      const found = [...archive.findings, ...(wrong ? [] : await archive.verify())]
      assert.deepEqual(
        [...new Set(found.map(({ code }) => code))].sort(),
        [...codes].sort(),
        JSON.stringify(found),
      )
    })
  }
}

/** Bytes that do not compress, always the same ones. */
export const noise = (length: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length))
