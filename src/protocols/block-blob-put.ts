import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import { EngineError, type Upload } from '../engine/index.ts'
import { etagOf, sendCreated, versionOf } from './block-blob-answer.ts'
import { checkBytes } from './block-blob-checksums.ts'
import { assertConditions, hasConditions, isUnchanged } from './block-blob-conditions.ts'
import { isBlockId } from './block-blob-id.ts'
import { readBlockList } from './block-blob-list-xml.ts'
import { refusals } from './block-blob-refusals.ts'
import type { BlobRequest } from './block-blob-request.ts'
import { passingBodyOf, pieceBytes } from './passing-body.ts'

const mebibyte = 1024 * 1024

/** The most one request may bring, by the version of the service that introduced it, the newest first. */
const limits: readonly { readonly since: string; readonly blob: number; readonly block: number }[] = [
  { since: '2019-12-12', blob: 5000 * mebibyte, block: 4000 * mebibyte },
  { since: '2016-05-31', blob: 256 * mebibyte, block: 100 * mebibyte },
  { since: '', blob: 64 * mebibyte, block: 4 * mebibyte },
]

/** Room for the longest list there may be, with every block named in full. */
const listBytes = 8 * mebibyte

/** Headers that make a request mean something else; ignored, they would store other bytes than the client means. */
const unsupportedHeaders = ['x-ms-copy-source', 'x-ms-structured-body'] as const

/** Put Blob: everything in one request. */
export async function putBlob(asked: BlobRequest): Promise<FastifyReply> {
  const { engine, uploadId, request, reply } = asked
  const { headers } = request
  const type = headers['x-ms-blob-type']
  if (type === undefined) throw refusals.missingHeader('x-ms-blob-type')
  if (type !== 'BlockBlob') throw refusals.invalidHeader('x-ms-blob-type', String(type))
  const { bytes, md5 } = bodyWithin(asked, limitsOf(asked).blob, { withMd5: true })
  const onlyNew = await mayReplace(asked)
  const upload = await engine.putUpload({ uploadId, bytes, onlyNew })
  return sendCreated(dated(reply, upload), md5())
}

/** Put Block: one of many, in any order, at the same time as others; sent again, it replaces itself. */
export async function putBlock(asked: BlobRequest): Promise<FastifyReply> {
  const { engine, uploadId, query, request, reply } = asked
  // A `+` that the client did not encode has become a blank.
  const blockId = query.get('blockid')?.replaceAll(' ', '+')
  if (blockId === undefined) throw refusals.missingParameter('blockid')
  if (!isBlockId(blockId)) throw refusals.invalidBlockId()
  const { bytes, md5 } = bodyWithin(asked, limitsOf(asked).block, { withMd5: false })
  if (Number(request.headers['content-length']) === 0) throw refusals.invalidHeader('Content-Length', '0')
  await engine.putBlock({ uploadId, blockId, bytes })
  return sendCreated(reply, md5())
}

/** Put Block List: the blob is what the list says, in its order. */
export async function putBlockList(asked: BlobRequest): Promise<FastifyReply> {
  const { engine, uploadId, reply } = asked
  const { bytes, md5 } = bodyWithin(asked, listBytes, { withMd5: true })
  const blocks = await readBlockList(bytes)
  const [first] = blocks
  // All blocks of a blob have names of one length.
  if (blocks.some(({ blockId }) => blockId.length !== first?.blockId.length))
    throw refusals.invalidBlockList()
  const onlyNew = await mayReplace(asked)
  const upload = await engine.putBlockList({ uploadId, blocks, onlyNew })
  return sendCreated(dated(reply, upload), md5())
}

/** The body, once its headers are in order: nothing of it is read before. */
function bodyWithin({ request, bodyIdleMs }: BlobRequest, maxBytes: number, options: { withMd5: boolean }) {
  const { headers, raw } = request
  for (const name of unsupportedHeaders) {
    if (headers[name] !== undefined) throw refusals.unsupportedHeader(name, String(headers[name]))
  }
  const length = headers['content-length']
  if (length === undefined) throw refusals.missingLength()
  if (Number(length) > maxBytes) throw refusals.bodyTooLarge(maxBytes)
  return checkBytes(passingBodyOf(raw, bodyIdleMs, pieceBytes), headers, options)
}

function limitsOf({ request }: BlobRequest) {
  const version = versionOf(request)
  return limits.find(({ since }) => version >= since) ?? { blob: 0, block: 0 }
}

/**
 * Whether only nothing may be replaced. Other conditions than that are held to what is there when the request
 * begins, not when it ends.
 */
async function mayReplace({ engine, uploadId, request: { headers } }: BlobRequest): Promise<boolean> {
  if (hasConditions(headers)) assertWritable(headers, await foundUpload(engine, uploadId))
  return headers['if-none-match']?.trim() === '*'
}

function assertWritable(headers: IncomingHttpHeaders, upload: Upload | undefined): void {
  assertConditions(headers, upload)
  if (upload && isUnchanged(headers, upload)) throw refusals.conditionNotMet()
}

async function foundUpload(engine: BlobRequest['engine'], uploadId: string): Promise<Upload | undefined> {
  try {
    return (await engine.readUpload(uploadId)).upload
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return undefined
    throw error
  }
}

function dated(reply: FastifyReply, upload: Upload): FastifyReply {
  return reply
    .header('ETag', etagOf(upload))
    .header('Last-Modified', new Date(upload.updatedAt).toUTCString())
}
