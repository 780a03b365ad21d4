import type { Pricing } from './pricing.ts'
import { trialPeriods } from './pricing.ts'
import { choice, dictionary, fixed, flag, object, type Reader, text } from './readers.ts'

/** A price as it is stored: also `Base`, and tiers the API does not know (microsoft-store.md 2.5). */
export function readStoredPricing(kind: 'app' | 'add-on'): Reader<Pricing> {
  return object({
    ...(kind === 'app' ? { trialPeriod: choice(trialPeriods, 'NoFreeTrial') } : {}),
    marketSpecificPricings: dictionary((value, key) => text(50)(value, key)),
    sales: fixed([]),
    priceId: text(50, 'Base'),
    isAdvancedPricingModel: flag(),
  })
}
