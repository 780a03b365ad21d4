import type * as schema from '../api/schema.ts'
import { type Ask, type Connection, createTransport, readAnswer } from './transport.ts'
import { type Watch, watchEvents } from './watch.ts'

export type {
  Account,
  Content,
  CreateAccount,
  CreateCredential,
  CreateProduct,
  Credential,
  Event,
  Finding,
  NewCredential,
  Package,
  Product,
  Reject,
  Submission,
  SubmissionDetails,
} from '../api/schema.ts'
export { SlipwayError, type SlipwayErrorCode } from './error.ts'
export type { Connection } from './transport.ts'
export type { Watch } from './watch.ts'

export type Client = ReturnType<typeof createClient>

/**
 * A client of the native API. Every method throws a `SlipwayError` when the server refuses or cannot be
 * reached. Lists are read page by page while they are iterated.
 *
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:7070', token: 'sandbox-token' })
 * for await (const product of client.products.list()) console.log(product.id, product.name)
 *
 * @example
 * // Wait until a product is published.
 * for await (const event of client.events.watch({ productId })) {
 *   if (event.type === 'submission.published') break
 * }
 *
 * @throws SlipwayError `unreachable` when the URL is none
 */
export function createClient(connection: Connection) {
  const ask = createTransport(connection)
  return {
    products: products(ask),
    submissions: submissions(ask),
    packages: packages(ask),
    credentials: credentials(ask),
    accounts: accounts(ask),
    events: events(ask),
  }
}

function products(ask: Ask) {
  return {
    /**
     * Reserves a product for the token's account.
     * @example
     * await client.products.create({ store: 'edge', kind: 'extension', name: 'Contoso notes', published: {} })
     */
    create: (input: schema.CreateProduct): Promise<schema.Product> =>
      answer(ask('POST', ['products'], { body: input })),
    get: (id: string): Promise<schema.Product> => answer(ask('GET', ['products', id])),
    /** By id. */
    list: (filter: { store?: string } = {}): AsyncGenerator<schema.Product> =>
      items(ask, ['products'], filter),
  }
}

function submissions(ask: Ask) {
  const act = (id: string, action: string, body?: object): Promise<schema.Submission> =>
    answer(ask('POST', ['submissions', id, action], body === undefined ? {} : { body }))
  return {
    /** Opens a draft. */
    create: (productId: string): Promise<schema.Submission> =>
      answer(ask('POST', ['products', productId, 'submissions'])),
    get: (id: string): Promise<schema.SubmissionDetails> => answer(ask('GET', ['submissions', id])),
    /** The oldest first. */
    list: (productId: string): AsyncGenerator<schema.SubmissionDetails> =>
      items(ask, ['products', productId, 'submissions']),
    /**
     * Replaces a draft's content; with a revision, only while the submission still has it.
     * @throws SlipwayError `stale` when it has another one
     * @example
     * const { content, revision } = await client.submissions.get(id)
     * await client.submissions.update(id, { ...content, notes: 'for the reviewer' }, { revision })
     */
    update: (
      id: string,
      content: schema.Content,
      condition: { revision?: number } = {},
    ): Promise<schema.Submission> => {
      const { revision } = condition
      const headers = revision === undefined ? {} : { 'if-match': `"${revision}"` }
      return answer(ask('PUT', ['submissions', id, 'content'], { body: content, headers }))
    },
    /** Operators only. */
    approve: (id: string): Promise<schema.Submission> => act(id, 'approve'),
    /** Operators only. */
    reject: (id: string, reason: schema.Reject): Promise<schema.Submission> => act(id, 'reject', reason),
    cancel: (id: string): Promise<schema.Submission> => act(id, 'cancel'),
    release: (id: string): Promise<schema.Submission> => act(id, 'release'),
    unpublish: (id: string): Promise<schema.Submission> => act(id, 'unpublish'),
    delete: async (id: string): Promise<void> => {
      await ask('DELETE', ['submissions', id])
    },
  }
}

function packages(ask: Ask) {
  return {
    get: (id: string): Promise<schema.Package> => answer(ask('GET', ['packages', id])),
    /** The newest first. */
    list: (productId: string): AsyncGenerator<schema.Package> =>
      items(ask, ['products', productId, 'packages']),
  }
}

function credentials(ask: Ask) {
  return {
    /**
     * The answer is the only one that shows the secret.
     * @example
     * // Rotate a key: both are good until the old one is revoked.
     * const { kind, clientId } = old
     * const { secret } = await client.credentials.create({ kind, clientId })
     */
    create: (input: schema.CreateCredential): Promise<schema.NewCredential> =>
      answer(ask('POST', ['credentials'], { body: input })),
    /** The oldest first, expired and revoked ones included. */
    list: (): AsyncGenerator<schema.Credential> => items(ask, ['credentials']),
    /** At once; revoking it again changes nothing. */
    revoke: (id: string): Promise<schema.Credential> => answer(ask('DELETE', ['credentials', id])),
  }
}

function accounts(ask: Ask) {
  return {
    /** Operators only. */
    create: (input: schema.CreateAccount): Promise<schema.Account> =>
      answer(ask('POST', ['accounts'], { body: input })),
    /** By id; operators only. */
    list: (): AsyncGenerator<schema.Account> => items(ask, ['accounts']),
  }
}

interface EventFilter {
  readonly after?: number
  readonly productId?: string
  readonly submissionId?: string
}

function events(ask: Ask) {
  return {
    /** What happened so far, in order. */
    list: (filter: EventFilter = {}): AsyncGenerator<schema.Event> => items(ask, ['events'], { ...filter }),
    /**
     * What happened and then what happens, without an end: break out of the loop, or abort the signal. It
     * survives restarts of the server without missing or repeating an event.
     */
    watch: (watch: Watch = {}): AsyncGenerator<schema.Event> => watchEvents(ask, watch),
  }
}

async function answer<Wire>(asked: Promise<Response>): Promise<Wire> {
  return readAnswer<Wire>(await asked)
}

const pageSize = 200

async function* items<Item>(
  ask: Ask,
  path: readonly string[],
  filter: { readonly [name: string]: string | number | undefined } = {},
): AsyncGenerator<Item> {
  let query: { [name: string]: string | number | undefined } = { limit: pageSize, ...filter }
  for (;;) {
    const page = await answer<schema.Page<Item>>(ask('GET', path, { query }))
    yield* page.items
    if (page.next === null) return
    query = { ...query, after: page.next }
  }
}
