import type { Product } from '../../engine/index.ts'
import { choice, list, object, text } from './document/readers.ts'
import { MicrosoftRefusal, refusals } from './refusals.ts'
import { type AddOnData, addOnData } from './wire-products.ts'

export interface AddOnWish extends AddOnData {
  readonly applicationId: string
}

const readAddOn = object({
  applicationIds: list(text(64), 1),
  productId: text(100),
  productType: choice(['Durable', 'Consumable', ''], ''),
})

/**
 * What an add-on is to be; all three members are needed (microsoft-store.md 1.6).
 * @throws MicrosoftRefusal
 */
export function addOnWish(body: unknown): AddOnWish {
  const { applicationIds, productId, productType } = readAddOn(body ?? {}, 'inAppProduct')
  const [applicationId] = applicationIds
  if (applicationId === undefined || applicationId === '') {
    throw refusals.invalid('applicationIds', 'The size of ApplicationIds must be 1')
  }
  if (productId === '') throw refusals.invalid('productId', 'ProductId is required')
  if (productType === '') throw refusals.invalid('productType', 'ProductType is required')
  return { applicationId, productId, productType }
}

/** An app has one add-on of a name (INFERRED: the app asks the Store for it by that name). */
export function refuseTwin(wish: AddOnWish, siblings: readonly Product[]): void {
  const twin = siblings.find((sibling) => addOnData(sibling).productId === wish.productId)
  if (!twin) return
  const message = `An in app product with the productId '${wish.productId}' exists already`
  throw new MicrosoftRefusal(409, 'InvalidState', message, 'productId')
}
