import type { FastifyReply } from 'fastify'
import { getBlob, getBlockList, headBlob } from './block-blob-get.ts'
import { putBlob, putBlock, putBlockList } from './block-blob-put.ts'
import { type BlobRefusal, refusals } from './block-blob-refusals.ts'
import type { BlobRequest } from './block-blob-request.ts'

export interface BlobOperation {
  readonly needs: 'r' | 'w'
  run(asked: BlobRequest): Promise<FastifyReply>
}

/** By method and `comp`. */
const operations: Readonly<Record<string, BlobOperation>> = {
  'PUT ': { needs: 'w', run: putBlob },
  'PUT block': { needs: 'w', run: putBlock },
  'PUT blocklist': { needs: 'w', run: putBlockList },
  'GET ': { needs: 'r', run: getBlob },
  'HEAD ': { needs: 'r', run: headBlob },
  'GET blocklist': { needs: 'r', run: getBlockList },
}

/** @throws BlobRefusal for what the service has and these URLs never allow, and for what it has not */
export function operationOf(method: string, comp: string): BlobOperation {
  const name = `${method} ${comp}`
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
  if (!operation) throw refusalOf(method, comp)
  return operation
}

function refusalOf(method: string, comp: string): BlobRefusal {
  if (method === 'DELETE') return refusals.permissionMismatch()
  if (comp === '') return refusals.unsupportedVerb()
  return refusals.invalidParameter('comp', comp, 'This server does not have it.')
}
