import type { Product, ProductState, Submission, TrackState } from '../../engine/index.ts'
import { familyName } from '../../formats/msix/family-name.ts'
import { noDate, toWireTime } from './document/dates.ts'
import type { FlightData } from './flights.ts'
import { partsOfIdentity } from './intake/package-facts.ts'

interface Reference {
  readonly id: string
  readonly resourceLocation: string
}

/**
 * References to what is published and what is on its way: absent, never null, when there is none; clients look
 * for the member itself (microsoft-store.md 7-2).
 */
function references<Live extends string, Pending extends string>(
  { live, pending }: Pick<TrackState, 'live' | 'pending'>,
  path: string,
  names: { readonly live: Live; readonly pending: Pending },
): { readonly [Name in Live | Pending]?: Reference } {
  const reference = ({ id }: Submission): Reference => ({ id, resourceLocation: `${path}/submissions/${id}` })
  return {
    ...(live ? { [names.live]: reference(live) } : {}),
    ...(pending ? { [names.pending]: reference(pending) } : {}),
  } as { [Name in Live | Pending]?: Reference }
}

/** `PackageFamilyName` with a capital, as the live service writes it (microsoft-store.md 2.1, 7-49). */
export function toWireApplication({ product, firstPublishedAt, ...state }: ProductState) {
  const { name, publisher } = partsOfIdentity(product.identity ?? '')
  return {
    id: product.id,
    primaryName: product.name,
    PackageFamilyName: name === '' ? '' : familyName(name, publisher),
    packageIdentityName: name,
    publisherName: publisher,
    firstPublishedDate: firstPublishedAt === null ? noDate : toWireTime(firstPublishedAt),
    ...references(state, `applications/${product.id}`, {
      live: 'lastPublishedApplicationSubmission',
      pending: 'pendingApplicationSubmission',
    }),
    hasAdvancedListingPermission: true,
  }
}

/** Its references have no `applications/…` before them (microsoft-store.md 7-6, 7-7). */
export function toWireFlight({ track, ...state }: TrackState, rankHigherThan: string) {
  const { groupIds = [] } = track.data as Partial<FlightData>
  return {
    flightId: track.id,
    friendlyName: track.name,
    ...references(state, `flights/${track.id}`, {
      live: 'lastPublishedFlightSubmission',
      pending: 'pendingFlightSubmission',
    }),
    groupIds,
    rankHigherThan,
  }
}

export function toWireAddOn({ product, ...state }: Omit<ProductState, 'track' | 'firstPublishedAt'>) {
  const { productId = product.name, productType = 'Durable' } = product.data as Partial<AddOnData>
  const app = product.parentId
  const applications =
    app === null ? [] : [{ id: app, resourceLocation: `applications/${app}` } satisfies Reference]
  return {
    applications: { value: applications, totalCount: applications.length },
    id: product.id,
    productId,
    productType,
    ...references(state, `inappproducts/${product.id}`, {
      live: 'lastPublishedInAppProductSubmission',
      pending: 'pendingInAppProductSubmission',
    }),
  }
}

/** What is stored with an add-on: the developer's own name for it, and how it is bought. */
export interface AddOnData {
  readonly productId: string
  readonly productType: string
}

export function addOnData({ data }: Product): Partial<AddOnData> {
  return data as Partial<AddOnData>
}
