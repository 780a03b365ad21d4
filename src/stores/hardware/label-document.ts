import { digitsOf } from '../../protocols/exact-json.ts'
import { type Fields, fieldsOf, type Json, objectOf } from './fields.ts'
import { readTargeting, type Targeting } from './label-targeting.ts'
import { refusals, type ValidationError } from './refusals.ts'

/** What is stored of a shipping label (microsoft-hardware.md 2.5). */
export interface LabelData {
  readonly name: string
  readonly destination: 'windowsUpdate' | 'anotherPartner'
  readonly publishingSpecifications?: Publishing
  readonly recipientSpecifications?: {
    readonly receiverPublisherId: string
    readonly enforceChidTargeting: boolean
  }
  readonly targeting: Targeting
}

export interface Publishing {
  /** Always a date: empty means at once (7-20). */
  readonly goLiveDate: string
  /** Digits of seller ids, which are numbers on the wire. */
  readonly visibleToAccounts: readonly string[]
  readonly isAutoInstallDuringOSUpgrade: boolean
  readonly isAutoInstallOnApplicableSystems: boolean
  readonly manualAcquisition: boolean
  readonly isDisclosureRestricted: boolean
  readonly publishToWindows10s: boolean
  readonly additionalInfoForMsApproval: ApprovalInfo
}

interface ApprovalInfo {
  readonly microsoftContact: string
  readonly validationsPerformed: string
  readonly affectedOems: readonly string[]
  readonly isRebootRequired: boolean
  readonly isCoEngineered: boolean
  readonly isForUnreleasedHardware: boolean
  readonly hasUiSoftware: boolean
  readonly businessJustification: string
}

export function labelDataOf({ content }: { readonly content: object }): LabelData {
  return content as LabelData
}

/**
 * A new shipping label (microsoft-hardware.md 2.5). The targets of what is wrong with members besides targeting are
 * INFERRED.
 * @param now milliseconds since 1970
 * @throws HardwareRefusal naming everything that is wrong
 */
export function readNewLabel(body: unknown, now: number): LabelData {
  const object = objectOf(body)
  if (!object) throw refusals.input('The request body must be a JSON object.')
  const problems: ValidationError[] = []
  const fields = fieldsOf(object, problems)
  const name = fields.text('name') ?? ''
  if (name.trim() === '') fields.wrong('name', 'The name is required.')
  const destination = fields.word('destination', ['windowsUpdate', 'anotherPartner'])
  if (destination === undefined && problems.every(({ target }) => target !== 'destination')) {
    fields.wrong('destination', 'The destination is required: windowsUpdate or anotherPartner.')
  }
  const targeting = readTargeting(fields.object('targeting') ?? {}, problems)
  const specifications =
    destination === 'anotherPartner'
      ? { recipientSpecifications: readRecipient(fields, problems) }
      : destination === 'windowsUpdate'
        ? { publishingSpecifications: readPublishing(fields, problems, now) }
        : {}
  if (problems.length > 0) throw refusals.invalid(problems)
  return { name, destination: destination ?? 'windowsUpdate', ...specifications, targeting }
}

function readRecipient(fields: Fields, problems: ValidationError[]) {
  const recipient = fields.object('recipientSpecifications')
  if (!recipient)
    fields.wrong('recipientSpecifications', 'recipientSpecifications is required for anotherPartner.')
  const own = fieldsOf(recipient ?? {}, problems, 'recipientSpecifications.')
  const receiverPublisherId = own.textOrNumber('receiverPublisherId') ?? ''
  if (recipient && receiverPublisherId === '')
    own.wrong('receiverPublisherId', 'The receiverPublisherId is required.')
  return { receiverPublisherId, enforceChidTargeting: own.flag('enforceChidTargeting') ?? false }
}

function readPublishing(fields: Fields, problems: ValidationError[], now: number): Publishing {
  const wish = fields.object('publishingSpecifications')
  if (!wish)
    fields.wrong('publishingSpecifications', 'publishingSpecifications is required for windowsUpdate.')
  const own = fieldsOf(wish ?? {}, problems, 'publishingSpecifications.')
  const isAutoInstallDuringOSUpgrade = own.flag('isAutoInstallDuringOSUpgrade') ?? false
  const isAutoInstallOnApplicableSystems = own.flag('isAutoInstallOnApplicableSystems') ?? false
  const isAutomatic = isAutoInstallDuringOSUpgrade || isAutoInstallOnApplicableSystems
  const manualAcquisition = own.flag('manualAcquisition') ?? !isAutomatic
  if (wish && manualAcquisition === isAutomatic) {
    own.wrong('manualAcquisition', 'manualAcquisition must be the opposite of the two auto-install flags.')
  }
  const approval = own.object('additionalInfoForMsApproval')
  if (wish && isAutomatic && !approval) {
    own.wrong(
      'additionalInfoForMsApproval',
      'additionalInfoForMsApproval is required for an automatic update.',
    )
  }
  return {
    goLiveDate: readGoLive(wish ?? {}, own, now),
    visibleToAccounts: readAccounts(own),
    isAutoInstallDuringOSUpgrade,
    isAutoInstallOnApplicableSystems,
    manualAcquisition,
    isDisclosureRestricted: own.flag('isDisclosureRestricted') ?? false,
    publishToWindows10s: own.flag('publishToWindows10s') ?? false,
    additionalInfoForMsApproval: readApproval(approval ?? {}, problems),
  }
}

/** Clients send an empty text for "now" (7-20). */
function readGoLive(wish: Json, own: Fields, now: number): string {
  const date = wish.goLiveDate === '' ? undefined : own.date('goLiveDate')
  return date ?? new Date(now).toISOString()
}

function readAccounts(own: Fields): string[] {
  return (own.list('visibleToAccounts') ?? []).flatMap((account) => {
    const digits = typeof account === 'string' && /^\d{1,19}$/.test(account) ? account : digitsOf(account)
    if (digits !== undefined) return [BigInt(digits).toString()]
    own.wrong('visibleToAccounts', 'Every account must be a seller id, a number.')
    return []
  })
}

function readApproval(approval: Json, problems: ValidationError[]): ApprovalInfo {
  const own = fieldsOf(approval, problems, 'publishingSpecifications.additionalInfoForMsApproval.')
  return {
    microsoftContact: own.text('microsoftContact') ?? '',
    validationsPerformed: own.text('validationsPerformed') ?? '',
    // The documentation calls it a string, samples and clients have an array.
    affectedOems:
      typeof approval.affectedOems === 'string' ? [approval.affectedOems] : (own.texts('affectedOems') ?? []),
    isRebootRequired: own.flag('isRebootRequired') ?? false,
    isCoEngineered: own.flag('isCoEngineered') ?? false,
    isForUnreleasedHardware: own.flag('isForUnreleasedHardware') ?? false,
    hasUiSoftware: own.flag('hasUiSoftware') ?? false,
    businessJustification: own.text('businessJustification') ?? '',
  }
}
