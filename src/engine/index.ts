/** The engine's face: every use case, bound to a context that nobody else sees. */

import type { Database, Tx } from '../storage/database.ts'
import { actOnSubmission } from './act-on-submission.ts'
import { type AttachPackage, attachPackage, sendAhead } from './attach-package.ts'
import { authenticate, authenticateToken, hasTenant, resume } from './authenticate.ts'
import { collectAbandoned } from './collect-abandoned.ts'
import { commitSubmission, validateSubmission } from './commit-submission.ts'
import type { Context } from './context.ts'
import { countAccounts, createAccount, listAccounts } from './create-account.ts'
import { createCredential } from './create-credential.ts'
import { createProduct } from './create-product.ts'
import { createSideSubmission } from './create-side-submission.ts'
import { createSubmission } from './create-submission.ts'
import { describeProduct, pageProducts, productStatesAfter, productsAfter } from './describe-product.ts'
import { directUploadUrl } from './direct-upload.ts'
import { deleteProduct, editProduct } from './edit-product.ts'
import { type EditSubmission, editSubmission } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { findSubmission } from './find-submission.ts'
import { getOperation } from './get-operation.ts'
import { getProduct, listProducts } from './get-product.ts'
import { getSubmission, listSubmissions } from './get-submission.ts'
import { handInPackage } from './hand-in-package.ts'
import { hasWork } from './has-work.ts'
import { health } from './health.ts'
import { keepFile, readFile } from './keep-file.ts'
import { listEvents, watchEvents } from './list-events.ts'
import { listOutcomes } from './list-outcomes.ts'
import { getPackage, listPackages } from './list-packages.ts'
import { isOutOfSpace } from './out-of-space.ts'
import { createPerformer } from './perform.ts'
import { publishDraft } from './publish-draft.ts'
import { type PutFile, type PutPackage, type PutResult, putFile, putPackage } from './put-into-submission.ts'
import { listBlocks, putBlock, putBlockList, putUpload, readUpload } from './put-upload.ts'
import { readSubmission } from './read-submission.ts'
import { renameSubmission } from './rename-submission.ts'
import { listCredentials, revokeCredential } from './revoke-credential.ts'
import { signingKeys } from './signing-keys.ts'
import { createTrack, deleteTrack, getTrack, listTracks } from './tracks.ts'
import type { Actor } from './types.ts'
import { updateSubmission } from './update-submission.ts'
import { uploadPackage } from './upload-package.ts'

export type { Commitment } from './commit-submission.ts'
export type { Context, Pace } from './context.ts'
export type { BesideState } from './create-side-submission.ts'
export type { ProductAddress, ProductState, TrackState } from './describe-product.ts'
export type { Edit } from './edit-submission.ts'
export { EngineError, type EngineErrorCode, errorCodes } from './errors.ts'
export type { KeptFile } from './keep-file.ts'
export type { Draft } from './put-into-submission.ts'
export type * from './types.ts'
export { refusals } from './types.ts'

const useCases = {
  actOnSubmission,
  attachPackage,
  authenticate,
  authenticateToken,
  collectAbandoned,
  commitSubmission,
  countAccounts,
  createAccount,
  createCredential,
  createProduct,
  createSideSubmission,
  createSubmission,
  createTrack,
  deleteProduct,
  deleteTrack,
  describeProduct,
  directUploadUrl,
  editProduct,
  editSubmission,
  findSubmission,
  getOperation,
  getPackage,
  getProduct,
  getSubmission,
  getTrack,
  keepFile,
  handInPackage,
  hasTenant,
  hasWork,
  health,
  listAccounts,
  listBlocks,
  listCredentials,
  listEvents,
  listOutcomes,
  listPackages,
  listProducts,
  listSubmissions,
  listTracks,
  pageProducts,
  productStatesAfter,
  productsAfter,
  publishDraft,
  putBlock,
  putBlockList,
  putFile,
  putPackage,
  putUpload,
  readFile,
  readSubmission,
  readUpload,
  renameSubmission,
  resume,
  revokeCredential,
  sendAhead,
  signingKeys,
  updateSubmission,
  uploadPackage,
  validateSubmission,
  watchEvents,
}

type Bound<T> = T extends (context: Context, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never

/** Use cases whose result is what the store's own decision hands back. */
interface Deciding {
  attachPackage<T>(actor: Actor, wish: AttachPackage<T>): PutResult<T>
  editSubmission<T>(actor: Actor, wish: EditSubmission<T>): PutResult<T>
  putFile<T>(actor: Actor, wish: PutFile<T>): PutResult<T>
  putPackage<T>(actor: Actor, wish: PutPackage<T>): PutResult<T>
}

export type Engine = {
  readonly [Name in Exclude<keyof typeof useCases, keyof Deciding>]: Bound<(typeof useCases)[Name]>
} & Deciding & {
    /** The store names this engine was given. */
    readonly stores: readonly string[]
    now(): number
    /** Makes several calls one transaction: all of it happens or nothing. For imports; a request makes one call. */
    atOnce<T>(work: (engine: Engine) => Promise<T>): Promise<T>
  }

/** Binds every use case to the context and starts its jobs. */
export function createEngine(context: Context): Engine {
  context.jobs.start(createPerformer(context))
  return engineOn(context)
}

function engineOn(context: Context): Engine {
  const { database } = context
  return {
    ...(bind(context, useCases) as Omit<Engine, 'stores' | 'now' | 'atOnce'>),
    stores: [...context.specs.keys()],
    now: () => context.clock.now(),
    atOnce: (work) => database.write((tx) => work(engineOn({ ...context, database: joining(database, tx) }))),
  }
}

/** The database as it is from inside a transaction: everything is part of that one. */
function joining(database: Database, tx: Tx): Database {
  return { ...database, write: (work) => work(tx), read: (work) => work(tx) }
}

type UseCases = { readonly [name: string]: (context: Context, ...rest: never[]) => unknown }

function bind<T extends UseCases>(
  context: Context,
  cases: T,
): { readonly [Name in keyof T]: Bound<T[Name]> } {
  const bound: { [name: string]: unknown } = {}
  for (const [name, useCase] of Object.entries(cases)) {
    bound[name] = (...rest: never[]) => refusingWhenFull(useCase(context, ...rest))
  }
  return bound as { [Name in keyof T]: Bound<T[Name]> }
}

function refusingWhenFull(result: unknown): unknown {
  if (!(result instanceof Promise)) return result
  return result.catch((cause: unknown) => {
    throw isOutOfSpace(cause) ? new EngineError('no_space', 'the server has no room', { cause }) : cause
  })
}
