import type { StoreSettings } from '../../src/stores/store.ts'

/** The settings' defaults, for tests that put a part of the server together themselves. */
export function storeSettings(changed: Partial<StoreSettings> = {}): StoreSettings {
  return {
    bodyIdleMs: 1000,
    tokenAlgorithm: 'HS256',
    edge: { v1: 'accept' },
    microsoft: { requestsPerMinute: 0 },
    hardware: { contentType: 'any', osCodes: [] },
    amazon: {
      editTag: 'moves',
      listTag: 'accept',
      languageTag: 'shared',
      createWhileOpen: 409,
      releaseNotes: 'blank',
      drm: 'none',
      targeting: 'compatible',
      largeMs: 2000,
      certificate: 'warn',
    },
    ...changed,
  }
}
