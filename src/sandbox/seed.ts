import type { Actor, Content, CredentialKind, Engine, Role } from '../engine/index.ts'
import { amazonCredential, amazonSeed } from './seed-amazon.ts'
import { microsoftSeed } from './seed-microsoft.ts'

/** What a server starts with. `docs/seed.md` documents the file of `--seed`. */
export interface Seed {
  readonly accounts: readonly SeedAccount[]
}

export interface SeedAccount {
  readonly id: string
  readonly name: string
  readonly credentials: readonly SeedCredential[]
  readonly products: readonly SeedProduct[]
}

export interface SeedCredential {
  readonly kind: CredentialKind
  readonly clientId: string
  readonly secret: string
  readonly tenantId?: string
  readonly role?: Role
  readonly label?: string
  /** ISO 8601; never when absent. */
  readonly expiresAt?: string
}

export interface SeedProduct {
  readonly store: string
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly identity?: string
  /** The product it belongs to, such as an add-on's app; it comes before it in the list. */
  readonly parentId?: string
  /** The store's own document for the product itself. */
  readonly data?: Content
  readonly published?: Content
  /** Package flights and other lines of releases beside the main one. */
  readonly tracks?: readonly SeedTrack[]
}

export interface SeedTrack {
  readonly id: string
  readonly name: string
  readonly kind?: 'flight' | 'side'
  /** The store's own document for the track. */
  readonly data?: Content
}

const tenantId = '11111111-1111-1111-1111-111111111111'
const clientId = '22222222-2222-2222-2222-222222222222'

/** The tenant in every Edge v1 client's token URL (edge-addons.md section 4). */
const edgeTenantId = '5c9eedce-81bc-42f3-8823-48ba6258b391'

/** The sandbox's own seed, the same on every machine; the README has it as a table. */
export const defaultSeed: Seed = {
  accounts: [
    {
      id: 'sandbox',
      name: 'Sandbox publisher',
      credentials: [
        { kind: 'secret', tenantId, clientId, secret: 'sandbox-secret', label: 'Entra application' },
        {
          kind: 'secret',
          tenantId: edgeTenantId,
          clientId,
          secret: 'sandbox-secret',
          label: 'Edge v1 application',
        },
        { kind: 'api_key', clientId, secret: 'sandbox-api-key', label: 'Edge API key' },
        amazonCredential,
        { kind: 'token', clientId, secret: 'sandbox-token', role: 'operator', label: 'native API' },
      ],
      products: [
        {
          store: 'edge',
          kind: 'extension',
          id: '33333333-3333-3333-3333-333333333333',
          name: 'Sandbox extension',
          published: {},
        },
        ...microsoftSeed,
        amazonSeed,
      ],
    },
  ],
}

/** Creates what the seed lists, all of it or nothing. */
export function plant(server: Engine, seed: Seed): Promise<void> {
  return server.atOnce((engine) => plantAll(engine, seed))
}

/**
 * The same where there are no accounts yet; of processes that start together one does it.
 * @returns whether this call did
 */
export function plantFirst(server: Engine, seed: Seed): Promise<boolean> {
  return server.atOnce(async (engine) => {
    if ((await engine.countAccounts()) > 0) return false
    await plantAll(engine, seed)
    return true
  })
}

async function plantAll(engine: Engine, seed: Seed): Promise<void> {
  for (const account of seed.accounts) await plantAccount(engine, account)
}

async function plantAccount(engine: Engine, { id, name, credentials, products }: SeedAccount): Promise<void> {
  await engine.createAccount({ id, name })
  const actor: Actor = { accountId: id, credentialId: 'seed', role: 'operator' }
  for (const { expiresAt, ...credential } of credentials) {
    await engine.createCredential({
      accountId: id,
      ...credential,
      ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
    })
  }
  for (const { tracks = [], ...product } of products) {
    const { id } = await engine.createProduct(actor, product)
    for (const { kind = 'flight', data = {}, ...track } of tracks) {
      await engine.createTrack(actor, { ...track, kind, data, product: { store: product.store, id } })
    }
  }
}
