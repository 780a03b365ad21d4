import type { FastifyReply } from 'fastify'
import type { Upload } from '../engine/index.ts'
import { etagOf, sendXml } from './block-blob-answer.ts'
import { assertConditions, isUnchanged } from './block-blob-conditions.ts'
import { writeBlockLists } from './block-blob-list-xml.ts'
import { rangeOf } from './block-blob-range.ts'
import { refusals } from './block-blob-refusals.ts'
import type { BlobRequest } from './block-blob-request.ts'

/** Get Blob: all of it, or a range. */
export async function getBlob({
  engine,
  uploadId,
  grant,
  request,
  reply,
}: BlobRequest): Promise<FastifyReply> {
  const { upload, stream } = await engine.readUpload(uploadId)
  assertConditions(request.headers, upload)
  describe(reply, upload, grant.disposition)
  if (isUnchanged(request.headers, upload)) return reply.code(304).send()
  const range = rangeOf(request.headers, upload.size)
  if (range === undefined) return reply.header('Content-Length', upload.size).send(stream())
  if (range === 'unsatisfiable') {
    reply.header('Content-Range', `bytes */${upload.size}`)
    throw refusals.invalidRange()
  }
  const { start, end } = range
  return reply
    .code(206)
    .header('Content-Range', `bytes ${start}-${end}/${upload.size}`)
    .header('Content-Length', end - start + 1)
    .send(stream(range))
}

/** Get Blob Properties: the headers of Get Blob. */
export async function headBlob({
  engine,
  uploadId,
  grant,
  request,
  reply,
}: BlobRequest): Promise<FastifyReply> {
  const { upload } = await engine.readUpload(uploadId)
  assertConditions(request.headers, upload)
  describe(reply, upload, grant.disposition)
  if (isUnchanged(request.headers, upload)) return reply.code(304).send()
  return reply.header('Content-Length', upload.size).send()
}

const listTypes = new Set(['committed', 'uncommitted', 'all'])

/** Get Block List: what a list named, what was sent since, or both. */
export async function getBlockList({ engine, uploadId, query, reply }: BlobRequest): Promise<FastifyReply> {
  const type = query.get('blocklisttype')?.toLowerCase() ?? 'committed'
  if (!listTypes.has(type)) {
    throw refusals.invalidParameter('blocklisttype', type, 'It is committed, uncommitted or all.')
  }
  const { committed, uncommitted } = await engine.listBlocks(uploadId)
  const size = committed.reduce((sum, block) => sum + block.size, 0)
  reply.header('x-ms-blob-content-length', size)
  return sendXml(
    reply,
    writeBlockLists({
      committed: type === 'uncommitted' ? undefined : committed,
      uncommitted: type === 'committed' ? undefined : uncommitted,
    }),
  )
}

function describe(reply: FastifyReply, upload: Upload, disposition: string | undefined): void {
  if (disposition !== undefined) reply.header('Content-Disposition', disposition)
  reply
    .header('Content-Type', upload.contentType)
    .header('ETag', etagOf(upload))
    .header('Last-Modified', new Date(upload.updatedAt).toUTCString())
    .header('Accept-Ranges', 'bytes')
    .header('x-ms-blob-type', 'BlockBlob')
    .header('x-ms-creation-time', new Date(upload.createdAt).toUTCString())
    .header('x-ms-lease-status', 'unlocked')
    .header('x-ms-lease-state', 'available')
    .header('x-ms-server-encrypted', 'true')
}
