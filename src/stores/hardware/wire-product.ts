import type { Product, ProductState } from '../../engine/index.ts'
import { bareInteger } from '../../protocols/exact-json.ts'
import type { Address, Link } from './links.ts'
import { dataOf } from './product-document.ts'
import { commitStatus } from './workflow.ts'

/** The product resource; what is not set is left out, never null (microsoft-hardware.md 2.1, 7-14). */
export function toWireProduct({ product, live, pending }: ShownProduct, address: Address) {
  const data = dataOf(product)
  const self = address.product(product.id)
  const links: Link[] = [
    // The first one is where some clients take the id from (7-3).
    { href: self, rel: 'self', method: 'GET' },
    { href: `${self}/submissions`, rel: 'get_submissions', method: 'GET' },
  ]
  return {
    id: bareInteger(product.id),
    sharedProductId: bareInteger(data.sharedProductId),
    links,
    isCommitted: live !== null || (pending !== null && commitStatus(pending) === 'commitComplete'),
    isExtensionInf: false,
    originType: data.originType,
    sourceProductId: bareInteger(data.sourceProductId),
    sourcePublisherId: bareInteger(data.sourcePublisherId),
    isRetpolineCompiled: false,
    message: '',
    ...(data.announcementDate === undefined ? {} : { announcementDate: data.announcementDate }),
    deviceMetadataIds: data.deviceMetadataIds,
    deviceType: data.deviceType,
    isTestSign: data.isTestSign,
    isFlightSign: data.isFlightSign,
    marketingNames: data.marketingNames,
    productName: product.name,
    driverType: 'desktop',
    ...(data.firmwareVersion === undefined ? {} : { firmwareVersion: data.firmwareVersion }),
    selectedProductTypes: data.selectedProductTypes,
    requestedSignatures: data.requestedSignatures,
    additionalAttributes: data.additionalAttributes,
    testHarness: data.testHarness,
    createdBy: data.createdBy,
    updatedBy: data.updatedBy,
    createdDateTime: new Date(product.createdAt).toISOString(),
    updatedDateTime: new Date(data.updatedAt).toISOString(),
  }
}

export type ShownProduct = Pick<ProductState, 'live' | 'pending'> & { readonly product: Product }
