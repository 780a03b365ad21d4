import { createHash } from 'node:crypto'
import type { Reader } from '../types.ts'

const chunk = 1024 * 1024

/**
 * The Authenticode digest of a signed cabinet, streamed: everything up to the signature but the checksum (4–7)
 * and the fields that signing changes (34–55) — microsoft-hardware.md 8.2.
 * @param signatureOffset where the signature starts, at least 60.
 */
export async function digestSignedCab(
  reader: Reader,
  signatureOffset: number,
  algorithm: string,
): Promise<Buffer> {
  const hash = createHash(algorithm)
  const ranges = [
    [0, 4],
    [8, 34],
    [56, signatureOffset],
  ] as const
  for (const [start, end] of ranges) {
    for (let at = start; at < end; at += chunk) {
      hash.update(await reader.read(at, Math.min(chunk, end - at)))
    }
  }
  return hash.digest()
}
