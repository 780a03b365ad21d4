import type { Content, Submission } from '../../engine/index.ts'
import type { PackageDelivery, PackageRollout } from './document/delivery.ts'
import { readStoredDelivery } from './document/stored-delivery.ts'
import { refusals } from './refusals.ts'

/**
 * Where a submission's rollout stands: it begins when the submission is published, with what was published before
 * as the fallback (microsoft-store.md 3.8).
 */
export function rolloutOf({ content, step, clonedFrom }: Submission): PackageRollout {
  const { packageRollout } = readStoredDelivery(content.packageDeliveryOptions, 'packageDeliveryOptions')
  const { isPackageRollout, packageRolloutStatus: status } = packageRollout
  if (step !== 'Published' || !isPackageRollout || status !== 'PackageRolloutNotStarted')
    return packageRollout
  return {
    ...packageRollout,
    packageRolloutStatus: 'PackageRolloutInProgress',
    fallbackSubmissionId: clonedFrom ?? '0',
  }
}

export function isRollingOut(submission: Submission): boolean {
  return rolloutOf(submission).packageRolloutStatus === 'PackageRolloutInProgress'
}

/** What clients may do to a rollout. 100 percent does not finish it (microsoft-store.md 7-37). */
export type RolloutChange = { readonly percentage: number } | 'halt' | 'finalize'

/**
 * A published submission's content after a change of its rollout.
 * @throws MicrosoftRefusal when it is not what customers get, or has no rollout in progress
 */
export function changeRollout(
  submission: Submission,
  change: RolloutChange,
): { content: Content; result: PackageRollout } {
  if (submission.phase !== 'live' || !isRollingOut(submission)) throw refusals.noRollout()
  const packageRollout = { ...rolloutOf(submission), ...changed(change) }
  const options = submission.content.packageDeliveryOptions as PackageDelivery
  return {
    content: { ...submission.content, packageDeliveryOptions: { ...options, packageRollout } },
    result: packageRollout,
  }
}

function changed(change: RolloutChange): Partial<PackageRollout> {
  if (change === 'halt') {
    return { packageRolloutPercentage: 0, packageRolloutStatus: 'PackageRolloutStopped' }
  }
  if (change === 'finalize') {
    return { packageRolloutPercentage: 100, packageRolloutStatus: 'PackageRolloutComplete' }
  }
  return { packageRolloutPercentage: change.percentage }
}
