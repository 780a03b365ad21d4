import type { Package } from '../../engine/index.ts'
import { type Device, deviceById, devices, exclusions } from './devices.ts'
import { type Apk, type EditDocument, type Targeting, touched } from './document.ts'
import { dataAbsent, invalidInput } from './errors.ts'
import type { JsonObject } from './json-body.ts'
import type { Resources } from './tags.ts'

const statuses = ['TARGETING', 'NOT_TARGETING', 'DISABLED'] as const
type Status = (typeof statuses)[number]

export interface WireDevice {
  readonly id: string
  readonly name: string
  readonly status: Status
  /** An object without members when there is none, never null (amazon-appstore.md 7-26). */
  readonly reason: { readonly reason?: string; readonly details?: readonly string[] }
}

export interface WireTargeting {
  readonly amazonDevices: readonly WireDevice[]
  readonly nonAmazonDevices: readonly WireDevice[]
  readonly otherAndroidDevices: Targeting['other']
}

/** The console's words for a device that another APK has (amazon-appstore.md 2.5). */
const takenReason = 'Targeted by another binary in the current version'

/** What an APK is meant for; one that came without targeting is meant for every device. */
export function targetingOf({ targeting }: EditDocument, apkId: string): Targeting {
  return targeting[apkId] ?? { devices: devices.map(({ id }) => id), other: 'NOT_TARGETING' }
}

/** The devices an APK really goes to: those it is meant for, without those its manifest excludes. */
export function targetedDevices(
  document: EditDocument,
  apk: Apk,
  packages: readonly Package[],
): readonly Device[] {
  const chosen = new Set(targetingOf(document, apk.id).devices)
  const facts = factsOf(apk, packages)
  return devices.filter((device) => chosen.has(device.id) && exclusions(device, facts).length === 0)
}

export function factsOf(apk: Apk, packages: readonly Package[]): Package['facts'] | null {
  return packages.find((pack) => pack.id === apk.packageId)?.facts ?? null
}

export function toWireTargeting(
  document: EditDocument,
  apk: Apk,
  packages: readonly Package[],
): WireTargeting {
  const targeted = new Set(targetedDevices(document, apk, packages).map(({ id }) => id))
  const taken = takenBy(document, apk, packages)
  const facts = factsOf(apk, packages)
  const shown = (device: Device): WireDevice => {
    const { id, name } = device
    const excluded = exclusions(device, facts)
    if (excluded.length > 0) {
      return {
        id,
        name,
        status: 'DISABLED',
        reason: { reason: 'Not supported by the app', details: excluded },
      }
    }
    if (targeted.has(id)) return { id, name, status: 'TARGETING', reason: {} }
    const other = taken.get(id)
    const reason = other === undefined ? {} : { reason: takenReason, details: [other] }
    return { id, name, status: 'NOT_TARGETING', reason }
  }
  return {
    amazonDevices: devices.filter(({ isAmazon }) => isAmazon).map(shown),
    nonAmazonDevices: devices.filter(({ isAmazon }) => !isAmazon).map(shown),
    otherAndroidDevices: targetingOf(document, apk.id).other,
  }
}

/** Devices of the edit's other APKs, with the name of the one that has each. */
function takenBy(document: EditDocument, apk: Apk, packages: readonly Package[]): Map<string, string> {
  const others = document.apks.filter(({ id }) => id !== apk.id)
  return new Map(
    others.flatMap((other) =>
      targetedDevices(document, other, packages).map(({ id }): [string, string] => [id, other.name]),
    ),
  )
}

export interface TargetingChange {
  readonly statuses: ReadonlyMap<string, Status>
  /** Undefined leaves it as it is: a client drops the key (amazon-appstore.md 2.5). */
  readonly other: Targeting['other'] | undefined
}

/** @throws AmazonRefusal 400 */
export function readTargeting(body: JsonObject): TargetingChange {
  const lists = ['amazonDevices', 'nonAmazonDevices'].map((key) => body[key] ?? [])
  const wished = new Map<string, Status>()
  for (const list of lists) {
    if (!Array.isArray(list)) throw invalidInput('Devices must be arrays')
    for (const entry of list as unknown[]) {
      const { id, status } = (typeof entry === 'object' && entry !== null ? entry : {}) as JsonObject
      if (id === undefined || status === undefined) throw dataAbsent('Every device needs an id and a status')
      const known = statuses.find((each) => each === status)
      if (!known) throw invalidInput(`Invalid status ${String(status)}: it must be ${statuses.join(' or ')}`)
      if (typeof id !== 'string' || !deviceById.has(id)) throw invalidInput(`Invalid device ${String(id)}`)
      wished.set(id, known)
    }
  }
  const other = body.otherAndroidDevices
  if (other !== undefined && other !== null && other !== 'TARGETING' && other !== 'NOT_TARGETING') {
    throw invalidInput(`Invalid otherAndroidDevices ${String(other)}`)
  }
  return { statuses: wished, other }
}

/**
 * The document with an APK's targeting changed; devices that are not named stay as they are, and so do rows that
 * say `DISABLED`, which clients send back (amazon-appstore.md 7-27).
 * @throws AmazonRefusal 400 for switching on what the manifest excludes or another APK has
 */
export function putTargeting(
  document: EditDocument,
  resources: Resources,
  apk: Apk,
  packages: readonly Package[],
  change: TargetingChange,
): EditDocument {
  const current = targetingOf(document, apk.id)
  const chosen = new Set(current.devices)
  const taken = takenBy(document, apk, packages)
  const facts = factsOf(apk, packages)
  for (const [id, status] of change.statuses) {
    const device = deviceById.get(id)
    if (!device || status === 'DISABLED') continue
    if (status === 'NOT_TARGETING') {
      chosen.delete(id)
      continue
    }
    const [excluded] = exclusions(device, facts)
    if (excluded !== undefined) throw invalidInput(`${device.name} cannot be targeted: ${excluded}`)
    const other = taken.get(id)
    if (other !== undefined)
      throw invalidInput(`${device.name} cannot be targeted: ${takenReason} (${other})`)
    chosen.add(id)
  }
  const other = change.other === undefined ? current.other : change.other
  return setTargeting(document, resources, apk.id, { devices: inOrder(chosen), other })
}

function inOrder(chosen: ReadonlySet<string>): string[] {
  return devices.flatMap(({ id }) => (chosen.has(id) ? [id] : []))
}

function setTargeting(
  document: EditDocument,
  resources: Resources,
  apkId: string,
  targeting: Targeting,
): EditDocument {
  const changed = { ...document, targeting: { ...document.targeting, [apkId]: targeting } }
  return touched(changed, resources.targeting(apkId))
}

/**
 * The targeting of an APK that was just uploaded: nothing, or every compatible device, which it takes over from
 * the edit's other APKs so that no device has two.
 */
export function autoTarget(
  document: EditDocument,
  resources: Resources,
  apk: Apk,
  packages: readonly Package[],
  mode: 'compatible' | 'nothing',
): EditDocument {
  if (mode === 'nothing') {
    return setTargeting(document, resources, apk.id, { devices: [], other: 'NOT_TARGETING' })
  }
  const facts = factsOf(apk, packages)
  const own = new Set(devices.filter((device) => exclusions(device, facts).length === 0).map(({ id }) => id))
  let changed = document
  for (const { id } of document.apks) {
    if (id === apk.id) continue
    const current = targetingOf(changed, id)
    const left = current.devices.filter((device) => !own.has(device))
    if (left.length < current.devices.length) {
      changed = setTargeting(changed, resources, id, { ...current, devices: left })
    }
  }
  return setTargeting(changed, resources, apk.id, { devices: inOrder(own), other: 'NOT_TARGETING' })
}
