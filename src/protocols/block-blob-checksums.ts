import { createHash, type Hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { createCrc64 } from './block-blob-crc64.ts'
import { refusals } from './block-blob-refusals.ts'

const md5Bytes = 16
const crc64Bytes = 8

/** The bytes of a request, held against the checksums it came with. */
export interface CheckedBytes {
  /** @throws BlobRefusal at the end, when they are not what the client says they are */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Base64 MD5 of all of them, once they were read; undefined when nobody asked for it. */
  md5(): string | undefined
}

/**
 * @param options.withMd5 calculates the MD5 even where the client sent none
 * @throws BlobRefusal for a checksum that can't be one
 */
export function checkBytes(
  source: AsyncIterable<Uint8Array>,
  headers: IncomingHttpHeaders,
  { withMd5 }: { withMd5: boolean },
): CheckedBytes {
  const sentMd5 = headers['content-md5']
  const sentCrc64 = headers['x-ms-content-crc64']
  if (typeof sentMd5 === 'string' && !isBase64Of(sentMd5, md5Bytes)) throw refusals.invalidMd5()
  if (sentCrc64 !== undefined && !(typeof sentCrc64 === 'string' && isBase64Of(sentCrc64, crc64Bytes))) {
    throw refusals.invalidHeader('x-ms-content-crc64', String(sentCrc64))
  }
  const hash = withMd5 || typeof sentMd5 === 'string' ? createHash('md5') : undefined
  const crc64 = sentCrc64 === undefined ? undefined : createCrc64()
  if (!hash && !crc64) return { bytes: source, md5: () => undefined }
  let md5: string | undefined
  return {
    bytes: reading(),
    md5: () => md5,
  }

  async function* reading(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash?.update(chunk)
      crc64?.update(chunk)
      yield chunk
    }
    md5 = finish(hash)
    if (md5 !== undefined && typeof sentMd5 === 'string' && md5 !== sentMd5) {
      throw refusals.md5Mismatch(sentMd5, md5)
    }
    const calculated = crc64?.digest()
    if (calculated !== undefined && calculated !== sentCrc64) {
      throw refusals.crc64Mismatch(String(sentCrc64), calculated)
    }
  }
}

function finish(hash: Hash | undefined): string | undefined {
  return hash?.digest('base64')
}

function isBase64Of(text: string, length: number): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text
}
