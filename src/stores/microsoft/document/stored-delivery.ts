import { date } from './dates.ts'
import { rolloutStatuses } from './delivery.ts'
import { choice, flag, number, object, text } from './readers.ts'

/** Delivery options as they are stored, with where a rollout stands. */
export const readStoredDelivery = object({
  packageRollout: object({
    isPackageRollout: flag(),
    packageRolloutPercentage: number(0, 100),
    packageRolloutStatus: choice(rolloutStatuses, 'PackageRolloutNotStarted'),
    fallbackSubmissionId: text(64, '0'),
  }),
  isMandatoryUpdate: flag(),
  mandatoryUpdateEffectiveDate: date,
})
