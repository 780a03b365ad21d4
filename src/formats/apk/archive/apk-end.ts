import { findEnd } from '../../containers/zip-end.ts'
import { ZipFindings } from '../../containers/zip-findings.ts'
import type { Reader } from '../../types.ts'
import { ByteCursor } from '../byte-cursor.ts'

/** The end record of the archive as Android reads it: without ZIP64 and without any correction. */
export interface ApkEnd {
  /** From the end record to the end of the file. */
  readonly endRecord: Uint8Array
  readonly endOffset: number
  readonly directoryOffset: number
  readonly directorySize: number
}

/** Undefined for what is no archive, which the ZIP reader says in its findings. */
export async function readApkEnd(reader: Reader): Promise<ApkEnd | undefined> {
  const end = await findEnd(reader, new ZipFindings())
  if (end === undefined) return undefined
  const { endOffset } = end
  const endRecord = await reader.read(endOffset, reader.size - endOffset)
  const fields = new ByteCursor(endRecord, 12)
  const directorySize = fields.u32()
  const directoryOffset = fields.u32()
  return { endRecord, endOffset, directoryOffset, directorySize }
}
