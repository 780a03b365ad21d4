import type { TestDatabase } from './postgres.ts'

/**
 * The database of a test's server: one on PostgreSQL when `SLIPWAY_TEST_DATABASE=postgres` (`npm run test:postgres`),
 * else undefined for one in memory.
 */
export async function lendDatabase(): Promise<TestDatabase | undefined> {
  return postgres?.migratedDatabase()
}

// Loaded as the file is, and only then: it drops what it made when the file's tests are over.
const postgres = process.env.SLIPWAY_TEST_DATABASE === 'postgres' ? await import('./postgres.ts') : undefined
