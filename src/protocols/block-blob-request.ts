import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Engine } from '../engine/index.ts'
import type { SasGrant } from './block-blob-sas.ts'

/** A request to the blob service whose signature is good. */
export interface BlobRequest {
  readonly engine: Pick<Engine, 'putUpload' | 'putBlock' | 'putBlockList' | 'readUpload' | 'listBlocks'>
  readonly uploadId: string
  readonly query: URLSearchParams
  readonly grant: SasGrant
  /** How long a body may stand still. */
  readonly bodyIdleMs: number
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}
