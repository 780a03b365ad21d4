import type { Event, Package, Product, Submission, Track } from '../../src/engine/types.ts'
import * as accounts from '../../src/storage/accounts.ts'
import type { Database, Tx } from '../../src/storage/database.ts'
import * as products from '../../src/storage/products.ts'
import * as tracks from '../../src/storage/tracks.ts'

/** Rows with every column filled, for suites that go below the engine. */
export const product: Product = {
  id: 'product-1',
  accountId: 'account-1',
  store: 'edge',
  kind: 'extension',
  name: 'Product — with ünïcode, “quotes” and 🧩',
  identity: null,
  parentId: null,
  data: {},
  createdAt: 1_767_225_600_000,
}

export const mainTrack: Track = {
  id: 'track-1',
  productId: product.id,
  kind: 'main',
  name: '',
  data: {},
  createdAt: product.createdAt,
}

export function submission(id: string, fields: Partial<Submission> = {}): Submission {
  return {
    id,
    productId: product.id,
    trackId: mainTrack.id,
    accountId: product.accountId,
    store: product.store,
    lifecycle: product.kind,
    step: 'InDraft',
    phase: 'draft',
    content: {},
    revision: 0,
    changed: false,
    verdict: null,
    findings: [],
    parentId: null,
    clonedFrom: null,
    uploadId: null,
    createdAt: product.createdAt,
    updatedAt: product.createdAt,
    stepAt: product.createdAt,
    publishedAt: null,
    ...fields,
  }
}

export function pack(id: string, fields: Partial<Package> = {}): Package {
  return {
    id,
    productId: product.id,
    fileName: 'package.zip',
    blob: 'ab'.repeat(32),
    size: 1,
    inspectedAt: null,
    format: null,
    sound: false,
    facts: {},
    findings: [],
    ordinal: 1,
    createdAt: product.createdAt,
    ...fields,
  }
}

export function event(fields: Partial<Omit<Event, 'seq'>> = {}): Omit<Event, 'seq'> {
  return {
    at: product.createdAt,
    accountId: product.accountId,
    type: 'submission.changed',
    store: null,
    productId: null,
    submissionId: null,
    data: {},
    ...fields,
  }
}

export async function insertProduct(tx: Tx): Promise<void> {
  await accounts.insert(tx, { id: product.accountId, name: 'Account', createdAt: product.createdAt })
  await products.insert(tx, product)
  await tracks.insert(tx, mainTrack)
}

/** Migrates and puts one account with one product and its main track there. */
export async function prepare(database: Database): Promise<Database> {
  await database.migrate()
  await database.write(insertProduct)
  return database
}
