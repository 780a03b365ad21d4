import type { Product, Submission } from '../../engine/index.ts'
import type { Gift } from '../../engine/store-spec.ts'
import { labelDataOf } from './label-document.ts'
import { dataOf } from './product-document.ts'
import { publisherIdOf } from './publishers.ts'

/**
 * What the receiver of a shipping label for a partner gets: a read-only product with ids of its own and the shared id
 * of all (microsoft-hardware.md 2.1, 7-39), to download and to publish. The shell to derive from stays behind (3.7).
 */
export function giftOf({ product, submission }: { product: Product; submission: Submission }): Gift | null {
  if (submission.lifecycle !== 'sharingLabel') return null
  const { receiverPublisherId } = labelDataOf(submission).recipientSpecifications ?? {}
  return {
    isFor: (accountId) => publisherIdOf(accountId) === receiverPublisherId,
    data: {
      ...dataOf(product),
      originType: 'shared',
      sourceProductId: product.id,
      sourcePublisherId: publisherIdOf(product.accountId),
    },
    purposes: ['signedPackage', 'driverMetadata'],
  }
}
