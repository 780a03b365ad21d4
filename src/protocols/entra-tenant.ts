import type { Engine } from '../engine/index.ts'
import { refusals } from './entra-refusals.ts'

/** The spellings under which an id or domain name may be registered: as sent first, then in lower case. */
export function spellings(id: string): string[] {
  return [...new Set([id, id.toLowerCase()])]
}

/**
 * The tenant as it is registered.
 * @param error what an unknown one is called: it differs between the token endpoint and the documents
 * @throws EntraRefusal
 */
export async function findTenant(
  engine: Pick<Engine, 'hasTenant'>,
  tenant: string,
  error: 'invalid_request' | 'invalid_tenant',
): Promise<string> {
  for (const spelling of spellings(tenant)) {
    if (await engine.hasTenant(spelling)) return spelling
  }
  const plausible = /^[0-9a-f-]{36}$/i.test(tenant) || tenant.includes('.')
  throw plausible ? refusals.unknownTenant(tenant, error) : refusals.malformedTenant(tenant)
}
