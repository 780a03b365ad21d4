import { fieldsOf, type Json, objectOf } from './fields.ts'
import {
  type HardwareTarget,
  keyOf,
  readAudiences,
  readChid,
  readHardwareTarget,
  readPublishInfo,
  type Targeting,
} from './label-targeting.ts'
import { refusals, type ValidationError } from './refusals.ts'

/** A change of a label's targeting: lists of what comes and goes, and audiences that replace (7-18). */
export interface TargetingChange {
  readonly addedIds: readonly HardwareTarget[]
  readonly removedIds: readonly HardwareTarget[]
  readonly addedChids: readonly string[]
  readonly removedChids: readonly string[]
  readonly restrictedToAudiences: readonly string[] | undefined
  readonly publishInfo: Pick<Targeting, 'inServicePublishInfo' | 'coEngDriverPublishInfo'>
}

/**
 * The error targets say `targetingInfo`, the older name; a body that uses that name changes nothing, because the real
 * service does not read it (microsoft-hardware.md 7-18, 7-47).
 * @throws HardwareRefusal 422
 */
export function readLabelPatch(body: unknown): TargetingChange {
  const targeting = objectOf(objectOf(body)?.targeting) ?? {}
  const parts = ['chids', 'hardwareIds', 'restrictedToAudiences'] as const
  const isGiven = (name: string) => targeting[name] !== undefined && targeting[name] !== null
  const hasInfo = isGiven('inServicePublishInfo') || isGiven('coEngDriverPublishInfo')
  if (!parts.some(isGiven) && !hasInfo) {
    const message = 'At least one property is required for update.'
    throw refusals.invalid(
      parts.map((name) => ({ target: `targetingInfo.${name}`, message })),
      422,
    )
  }
  const problems: ValidationError[] = []
  const own = fieldsOf(targeting, problems, 'targetingInfo.')
  const ids = actionsOf(own.list('hardwareIds') ?? [], 'hardwareIds', problems)
  const chids = actionsOf(own.list('chids') ?? [], 'chids', problems)
  const change: TargetingChange = {
    addedIds: ids.add.map((item) => readHardwareTarget(item, problems)),
    removedIds: ids.remove.map((item) => readHardwareTarget(item, problems)),
    addedChids: chids.add.map((item) => readChid(item, own)),
    removedChids: chids.remove.map((item) => readChid(item, own)),
    restrictedToAudiences: readAudiences(own),
    publishInfo: readPublishInfo(own, problems),
  }
  if (problems.length > 0) throw refusals.invalid(problems, 422)
  return change
}

function actionsOf(list: readonly unknown[], name: string, problems: ValidationError[]) {
  const sorted: { add: Json[]; remove: Json[] } = { add: [], remove: [] }
  for (const value of list) {
    const item = objectOf(value)
    const action = typeof item?.action === 'string' ? item.action.toLowerCase() : undefined
    if (item && (action === 'add' || action === 'remove')) sorted[action].push(item)
    else
      problems.push({
        target: `targetingInfo.${name}`,
        message: 'Every item needs an action: add or remove.',
      })
  }
  return sorted
}

/** Adding what is there and removing what is not changes nothing. */
export function applyChange(targeting: Targeting, change: TargetingChange): Targeting {
  const removed = new Set(change.removedIds.map(keyOf))
  const ids = new Map(targeting.hardwareIds.map((target) => [keyOf(target), target]))
  for (const key of removed) ids.delete(key)
  for (const target of change.addedIds) if (!ids.has(keyOf(target))) ids.set(keyOf(target), target)
  const chids = new Set([...targeting.chids, ...change.addedChids])
  for (const chid of change.removedChids) chids.delete(chid)
  const info = Object.keys(change.publishInfo).length > 0 ? change.publishInfo : publishInfoOf(targeting)
  return {
    hardwareIds: [...ids.values()],
    chids: [...chids],
    restrictedToAudiences: change.restrictedToAudiences ?? targeting.restrictedToAudiences,
    ...info,
  }
}

function publishInfoOf({ inServicePublishInfo, coEngDriverPublishInfo }: Targeting) {
  return {
    ...(inServicePublishInfo ? { inServicePublishInfo } : {}),
    ...(coEngDriverPublishInfo ? { coEngDriverPublishInfo } : {}),
  }
}
