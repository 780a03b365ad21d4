import type { Seed, SeedProduct } from '../../src/sandbox/seed.ts'
import { amazonSeed } from '../../src/sandbox/seed-amazon.ts'
import { microsoftSeed } from '../../src/sandbox/seed-microsoft.ts'
import { account } from './chaos-lane.ts'

export const edgeIds = (count: number) => numbers(count).map((number) => `00000000-0000-4000-8000-${number}`)
export const appIds = (count: number) => numbers(count).map((number) => `9NCHAOS${number.slice(-5)}`)
export const amazonIds = (count: number) =>
  numbers(count).map((number) => `amzn1.devportal.mobileapp.chaos${number}`)

/** One account with so many products in each store that needs them before the first submission. */
export function chaosSeed(count: number): Seed {
  const { id, tenantId, clientId, secret, edgeKey, token, amazonClient } = account
  const [app] = microsoftSeed
  if (!app) throw new Error('the sandbox has no app')
  const { tracks: _, ...alone } = app
  const products: SeedProduct[] = [
    ...edgeIds(count).map((id) => ({ store: 'edge', kind: 'extension', id, name: id, published: {} })),
    ...appIds(count).map((id) => ({ ...alone, id })),
    ...amazonIds(count).map((id) => ({ ...amazonSeed, id, data: {} })),
  ]
  const credentials: Seed['accounts'][number]['credentials'] = [
    { kind: 'secret', tenantId, clientId, secret },
    { kind: 'secret', clientId: amazonClient, secret },
    { kind: 'api_key', clientId, secret: edgeKey },
    { kind: 'token', clientId, secret: token, role: 'operator' },
  ]
  return { accounts: [{ id, name: 'Publisher', credentials, products }] }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_each, index) => String(index + 1).padStart(12, '0'))
}
