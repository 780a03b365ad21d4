import { refusals } from '../refusals.ts'
import { choice, dictionary, membersOf, type Reader } from './readers.ts'

export const trialPeriods = [
  'NoFreeTrial',
  'OneDay',
  'SevenDays',
  'FifteenDays',
  'ThirtyDays',
  'TrialNeverExpires',
] as const

export interface Pricing {
  /** Apps only. */
  readonly trialPeriod?: string
  readonly marketSpecificPricings: { readonly [market: string]: string }
  readonly sales: readonly never[]
  readonly priceId: string
  readonly isAdvancedPricingModel: boolean
}

const tier = /^(?:NotAvailable|Free|Tier[0-9]{1,4})$/i

/**
 * The price a client sends. `Base` is what the service itself returns for prices it can't show, and never takes
 * back; no price at all is free (microsoft-store.md 2.5, 7-20). Sales are ignored; the account flag
 * `isAdvancedPricingModel` reads false after any update.
 */
export function readPricing(kind: 'app' | 'add-on'): Reader<Pricing> {
  return (value) => {
    const members = membersOf(value, ['trialPeriod', 'marketSpecificPricings', 'priceId'])
    if (!members) throw refusals.noPricing()
    const { priceId = '' } = members
    if (typeof priceId !== 'string' || !(priceId === '' || tier.test(priceId))) {
      throw refusals.basePrice(String(priceId).slice(0, 100))
    }
    const trialPeriod = choice(trialPeriods, 'NoFreeTrial')
    return {
      ...(kind === 'app' ? { trialPeriod: trialPeriod(members.trialPeriod, 'trialPeriod') } : {}),
      marketSpecificPricings: markets(members.marketSpecificPricings, 'marketSpecificPricings'),
      sales: [],
      priceId: priceId === '' ? 'Free' : spelled(priceId),
      isAdvancedPricingModel: false,
    }
  }
}

const markets = dictionary((value, key) => {
  if (!/^[A-Za-z]{2}$/.test(key)) throw refusals.invalid('pricing', `'${key.slice(0, 20)}' is not a market`)
  if (typeof value !== 'string' || !(tier.test(value) || /^base$/i.test(value))) {
    throw refusals.invalid(
      'pricing',
      `'${String(value).slice(0, 100)}' is not a valid PriceId for market ${key}.`,
    )
  }
  return spelled(value)
})

function spelled(priceId: string): string {
  const known = ['NotAvailable', 'Free', 'Base'].find((word) => word.toLowerCase() === priceId.toLowerCase())
  return known ?? `Tier${priceId.slice('Tier'.length)}`
}
