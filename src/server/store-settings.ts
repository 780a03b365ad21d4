import type { Config } from '../config.ts'
import type { StoreSettings } from '../stores/store.ts'

/** What of the settings concerns stores. */
export function storeSettings(config: Config): StoreSettings {
  return {
    bodyIdleMs: config.bodyIdleMs,
    tokenAlgorithm: config.tokenAlgorithm,
    edge: { v1: config.edgeV1 },
    microsoft: { requestsPerMinute: config.microsoftRequestsPerMinute },
    hardware: { contentType: config.hardwareContentType, osCodes: config.hardwareOsCodes },
    amazon: {
      editTag: config.amazonEditTag,
      listTag: config.amazonListTag,
      languageTag: config.amazonLanguageTag,
      createWhileOpen: config.amazonCreateWhileOpen,
      releaseNotes: config.amazonReleaseNotes,
      drm: config.amazonDrm,
      targeting: config.amazonTargeting,
      largeMs: config.amazonLargeMs,
      certificate: config.amazonCertificate,
    },
  }
}
