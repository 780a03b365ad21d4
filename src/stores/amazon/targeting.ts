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

/**
 * The APK of each device: of those that are meant for it and allowed on it by their manifests, the one with the highest
 * version code, so that no device has two. A deleted APK leaves its devices to the others by itself.
 */
function owners(document: EditDocument, packages: readonly Package[]): ReadonlyMap<string, Apk> {
  const owning = new Map<string, Apk>()
  for (const apk of [...document.apks].sort((one, other) => one.versionCode - other.versionCode)) {
    const chosen = new Set(targetingOf(document, apk.id).devices)
    const facts = factsOf(apk, packages)
    for (const device of devices) {
      if (chosen.has(device.id) && exclusions(device, facts).length === 0) owning.set(device.id, apk)
    }
  }
  return owning
}

/** The devices an APK really goes to. */
export function targetedDevices(
  document: EditDocument,
  apk: Apk,
  packages: readonly Package[],
): readonly Device[] {
  const owning = owners(document, packages)
  return devices.filter(({ id }) => owning.get(id)?.id === apk.id)
}

export function factsOf(apk: Apk, packages: readonly Package[]): Package['facts'] | null {
  return packages.find((pack) => pack.id === apk.packageId)?.facts ?? null
}

export function toWireTargeting(
  document: EditDocument,
  apk: Apk,
  packages: readonly Package[],
): WireTargeting {
  const owning = owners(document, packages)
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
    const owner = owning.get(id)
    if (owner?.id === apk.id) return { id, name, status: 'TARGETING', reason: {} }
    const reason = owner ? { reason: takenReason, details: [owner.name] } : {}
    return { id, name, status: 'NOT_TARGETING', reason }
  }
  return {
    amazonDevices: devices.filter(({ isAmazon }) => isAmazon).map(shown),
    nonAmazonDevices: devices.filter(({ isAmazon }) => !isAmazon).map(shown),
    otherAndroidDevices: targetingOf(document, apk.id).other,
  }
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
  const owning = owners(document, packages)
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
    const owner = owning.get(id)
    if (owner && owner.id !== apk.id) {
      throw invalidInput(`${device.name} cannot be targeted: ${takenReason} (${owner.name})`)
    }
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
 * The targeting of an APK that was just uploaded: nothing, or every compatible device, which its higher version code
 * takes over from the edit's older APKs.
 */
export function autoTarget(
  document: EditDocument,
  resources: Resources,
  apk: Apk,
  packages: readonly Package[],
  mode: 'compatible' | 'nothing',
): EditDocument {
  const facts = factsOf(apk, packages)
  const own = mode === 'nothing' ? [] : devices.filter((device) => exclusions(device, facts).length === 0)
  const targeting: Targeting = { devices: own.map(({ id }) => id), other: 'NOT_TARGETING' }
  return setTargeting(document, resources, apk.id, targeting)
}
