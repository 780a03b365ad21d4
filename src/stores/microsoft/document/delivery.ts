import { date } from './dates.ts'
import { fixed, flag, number, object } from './readers.ts'

export const rolloutStatuses = [
  'PackageRolloutNotStarted',
  'PackageRolloutInProgress',
  'PackageRolloutComplete',
  'PackageRolloutStopped',
] as const
export type RolloutStatus = (typeof rolloutStatuses)[number]

export interface PackageRollout {
  readonly isPackageRollout: boolean
  readonly packageRolloutPercentage: number
  readonly packageRolloutStatus: RolloutStatus
  /** The submission that everybody else keeps; `0` when there is none. */
  readonly fallbackSubmissionId: string
}

export interface PackageDelivery {
  readonly packageRollout: PackageRollout
  readonly isMandatoryUpdate: boolean
  readonly mandatoryUpdateEffectiveDate: string
}

/** Of a rollout only the wish is read; where it stands is the service's (microsoft-store.md 3.4). */
export const readDelivery = object({
  packageRollout: object({
    isPackageRollout: flag(),
    packageRolloutPercentage: number(0, 100),
    packageRolloutStatus: fixed<RolloutStatus>('PackageRolloutNotStarted'),
    fallbackSubmissionId: fixed('0'),
  }),
  isMandatoryUpdate: flag(),
  mandatoryUpdateEffectiveDate: date,
})

export const idleDelivery: PackageDelivery = readDelivery({}, 'packageDeliveryOptions')
