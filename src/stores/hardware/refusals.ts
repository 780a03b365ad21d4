/** One thing that is wrong with a request. */
export interface ValidationError {
  readonly target: string
  readonly message: string
}

type Code =
  | 'invalidInput'
  | 'requestInvalidForCurrentState'
  | 'updateUnauthorized'
  | 'readOnlyProduct'
  | 'entityNotFound'

/** A functional error of the service; codes are camelCase on the wire (microsoft-hardware.md 5.1). */
export class HardwareRefusal extends Error {
  override readonly name = 'HardwareRefusal'
  readonly status: number
  readonly code: Code
  readonly validationErrors: readonly ValidationError[] | undefined

  constructor(status: number, code: Code, message: string, validationErrors?: readonly ValidationError[]) {
    super(message)
    this.status = status
    this.code = code
    this.validationErrors = validationErrors
  }
}

/** An answer of the gateway before the service. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const state = (message: string) => new HardwareRefusal(400, 'requestInvalidForCurrentState', message)
const update = (message: string) => new HardwareRefusal(403, 'updateUnauthorized', message)
const missing = (message: string) => new HardwareRefusal(404, 'entityNotFound', message)
const input = (message: string) => new HardwareRefusal(400, 'invalidInput', message)

/**
 * The documented refusals (microsoft-hardware.md 5.3), with `Cannot` as the live service writes it. Their statuses
 * are INFERRED (5.2).
 */
export const refusals = {
  input,
  invalid: (validationErrors: readonly ValidationError[], status = 400) =>
    new HardwareRefusal(status, 'invalidInput', 'Validation Failed.', validationErrors),
  noProduct: () => missing('Product not found'),
  noSubmission: () => missing('No submission found'),
  noLabel: () => missing('Shipping label not found'),
  noPackage: () => missing('Package not found'),
  noAsset: () => missing('Asset not found'),
  notPending: () => state('Only pending submissions can be committed.'),
  secondInitial: () => state('Initial submission already exists'),
  noInitial: () => state('Cannot create derived submission since no initial submission created'),
  notDerivable: () =>
    input('Cannot create derived submission for Attestation, TestSigned and ExtensionInf type of products.'),
  initialNotFinished: () =>
    state('Cannot create derived submission before the initial submission is finished'),
  sharedProduct: () => update('Not authorized to update the product'),
  productWithoutInitial: () => update('Cannot update product without an initial submission'),
  productFailed: () => update('Cannot update product because the workflow failed'),
  announcementFrozen: () =>
    update('Announcement Date cannot be updated after the ingestion process is finished'),
  sharedSubmission: () => update('Not authorized to update the submission'),
  submissionFailed: () => update('Cannot update the submission since the workflows failed'),
  readOnly: () =>
    new HardwareRefusal(
      403,
      'readOnlyProduct',
      'Not allowed to create the shipping labels on a read only product.',
    ),
  notReadyForLabel: () =>
    state("Submission isn't yet ready to create shipping label. Retry after some time."),
  extensionNotAutomatic: () =>
    input(
      'Extension drivers must be published as an Automatic update. Set isAutoInstallDuringOSUpgrade or isAutoInstallOnApplicableSystems to true.',
    ),
  chidsBeforeWindows10: () =>
    input('CHIDs are allowed only when HardwareIds are for operating systems Windows 10 and later.'),
  labelMoving: () =>
    input('Cannot update the shipping label when another workflow is in progress. Try again.'),
  notCancellable: () => state('Only shipping labels in Microsoft approval can be cancelled.'),
  notFinished: () => state("Submission isn't finished yet. Retry after some time."),
}
