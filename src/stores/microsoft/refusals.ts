/** The service's error codes that this store answers with (microsoft-store.md 2.12, 5.3). */
export type MicrosoftCode = 'InvalidParameterValue' | 'InvalidOperation' | 'InvalidState' | 'ResourceNotFound'

/** A refusal in the service's own words: shape A of microsoft-store.md 5.1. */
export class MicrosoftRefusal extends Error {
  override readonly name = 'MicrosoftRefusal'
  readonly status: number
  readonly code: MicrosoftCode
  /** What it is about; absent where the service names nothing. */
  readonly target: string | undefined

  constructor(status: number, code: MicrosoftCode, message: string, target?: string) {
    super(message)
    this.status = status
    this.code = code
    this.target = target
  }
}

/** Texts that scripts look for are those of microsoft-store.md 5.3; the others are this server's. */
export const refusals = {
  invalid: (target: string, message: string) =>
    new MicrosoftRefusal(400, 'InvalidParameterValue', message, target),
  notJson: () =>
    new MicrosoftRefusal(400, 'InvalidParameterValue', 'Only JSON content is accepted', 'mediaType'),
  portalDraft: () =>
    new MicrosoftRefusal(
      400,
      'InvalidOperation',
      'Ingestion API can only update, delete, and commit submissions that are created through the API. Please delete the current in-progress submission and create one using the API',
      'applicationSubmission',
    ),
  pendingSubmission: () =>
    new MicrosoftRefusal(
      409,
      'InvalidState',
      'Create submission failed, status code Conflict, reason phrase Conflict',
      'submission',
    ),
  pendingAddOnSubmission: () =>
    new MicrosoftRefusal(409, 'InvalidState', 'In app product already has an in-progress submission'),
  neverPublished: () =>
    new MicrosoftRefusal(
      409,
      'InvalidState',
      'The first submission of an app must be completed in Partner Center before the API can create one',
      'submission',
    ),
  rolloutInProgress: () =>
    new MicrosoftRefusal(
      409,
      'InvalidState',
      'The package rollout of the last published submission is in progress. Finalize or halt it before creating a submission',
      'submission',
    ),
  noRollout: () =>
    new MicrosoftRefusal(
      409,
      'InvalidState',
      'The submission has no package rollout in progress',
      'submission',
    ),
  unsupportedFeature: () =>
    new MicrosoftRefusal(
      409,
      'InvalidState',
      'This application uses features that are not supported by the submission API. To perform this operation, use the Dev Center dashboard.',
    ),
  emptyListings: (name: 'AppListings' | 'Listings') =>
    refusals.invalid(
      name === 'AppListings' ? 'appListings' : 'listings',
      `The size of ${name} must be 1 or more`,
    ),
  basePrice: (priceId: string) =>
    refusals.invalid('pricing', `'${priceId}' is not a valid PriceId for base price.`),
  noPricing: () => refusals.invalid('pricing', 'The pricing of the submission is missing'),
  deviceFamilies: () =>
    refusals.invalid(
      'allowTargetFutureDeviceFamilies',
      'AllowTargetFutureDeviceFamilies needs to be initialized for all supported platform, [Desktop, Mobile, Xbox, Holographic]',
    ),
  packagesMissing: (ids: readonly string[]) =>
    refusals.invalid(
      'packages',
      `Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: ${ids.join(', ')}`,
    ),
  needsId: (kind: 'Image' | 'Package', fileName: string) =>
    refusals.invalid(
      kind === 'Image' ? 'images' : 'packages',
      `Existing ${kind} (${fileName}) should contain Id`,
    ),
  notFound: (target: string, what: string) =>
    new MicrosoftRefusal(404, 'ResourceNotFound', `${what} not found`, target),
} as const
