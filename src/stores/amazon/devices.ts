import { createHash } from 'node:crypto'
import type { Fact } from '../../engine/index.ts'

export interface Device {
  readonly id: string
  readonly name: string
  readonly isAmazon: boolean
  /** The API level of its system. */
  readonly sdk: number
  readonly abis: readonly string[]
  /** Hardware and software features it does not have. */
  readonly lacks: readonly string[]
}

/** Newest system the catalogue knows: what targets a newer one gets no device (COIN #399, amazon-appstore.md 2.5). */
export const newestSdk = 36

const arm = ['armeabi', 'armeabi-v7a']
const arm64 = [...arm, 'arm64-v8a']

const mobile = ['android.hardware.telephony', 'android.hardware.nfc', 'android.hardware.location.gps']
const television = [
  ...mobile,
  'android.hardware.touchscreen',
  'android.hardware.camera',
  'android.hardware.camera.any',
  'android.hardware.sensor.accelerometer',
]
const tablet = [
  'android.hardware.telephony',
  'android.hardware.nfc',
  'android.software.leanback',
  'amazon.hardware.fire_tv',
]

function fireTv(name: string, sdk: number, abis = arm, id = idOf(name)): Device {
  return { id, name, isAmazon: true, sdk, abis, lacks: television }
}

function fireTablet(name: string, sdk: number, abis = arm64): Device {
  return { id: idOf(name), name, isAmazon: true, sdk, abis, lacks: tablet }
}

function other(name: string, sdk: number, abis = arm64): Device {
  return { id: idOf(name), name, isAmazon: false, sdk, abis, lacks: tablet.slice(2) }
}

/** Only one id is public (amazon-appstore.md 2.5); the others are made in its form. */
function idOf(name: string): string {
  const digest = BigInt(`0x${createHash('sha256').update(name).digest('hex')}`)
  return `amzn1.appstore.device.${digest.toString(36).toUpperCase().slice(-13)}`
}

/** A catalogue of ours: the store's is not public. Fire OS 5, 6, 7, 8 and 14 are API levels 22, 25, 28, 30 and 34. */
export const devices: readonly Device[] = [
  fireTv('Fire TV Stick 4K', 25, arm, 'amzn1.appstore.device.177APHJPEZKTD'),
  fireTv('Fire TV (2nd Generation)', 22),
  fireTv('Fire TV Stick (3rd Generation)', 28),
  fireTv('Fire TV Stick 4K Max', 28),
  fireTv('Fire TV Cube (3rd Generation)', 28, arm64),
  fireTv('Fire TV Stick 4K (2nd Generation)', 30),
  fireTv('Fire TV Omni Series', 28),
  fireTv('Fire TV Stick HD', 34),
  fireTablet('Fire 7 (2017)', 22, arm),
  fireTablet('Fire HD 8 (2018)', 25, arm),
  fireTablet('Fire HD 10 (2019)', 28),
  fireTablet('Fire 7 (2022)', 30),
  fireTablet('Fire HD 10 (2023)', 30),
  fireTablet('Fire Max 11', 30),
  fireTablet('Fire HD 8 (2024)', 34),
  other('Google Pixel 4a', 33),
  other('Samsung Galaxy Tab A7', 31),
]

export const deviceById: ReadonlyMap<string, Device> = new Map(devices.map((device) => [device.id, device]))

type Facts = { readonly [name: string]: Fact }

/**
 * Why a device can not run a package, one clause each; empty when it can. `null` stands for a package whose bytes
 * are not here: nothing speaks against it.
 */
export function exclusions(device: Device, facts: Facts | null): string[] {
  if (facts === null) return []
  const reasons: string[] = []
  const [minSdk, maxSdk, targetSdk] = [facts.minSdk, facts.maxSdk, facts.targetSdk]
  if (typeof minSdk === 'number' && minSdk > device.sdk) {
    reasons.push(`minSdkVersion ${minSdk} is higher than the device's API level ${device.sdk}`)
  }
  if (typeof maxSdk === 'number' && maxSdk < device.sdk) {
    reasons.push(`maxSdkVersion ${maxSdk} is lower than the device's API level ${device.sdk}`)
  }
  if (typeof targetSdk === 'number' && targetSdk > newestSdk) {
    reasons.push(`targetSdkVersion ${targetSdk} is higher than ${newestSdk}, the highest that is supported`)
  }
  const abis = textsOf(facts.abis)
  if (abis.length > 0 && !abis.some((abi) => device.abis.includes(abi))) {
    reasons.push(`native code is for ${abis.join(', ')}, the device runs ${device.abis.join(', ')}`)
  }
  const lacking = requiredFeatures(facts).filter((feature) => device.lacks.includes(feature))
  return [...reasons, ...lacking.map((feature) => `the device lacks the required feature ${feature}`)]
}

function requiredFeatures({ features }: Facts): string[] {
  if (!Array.isArray(features)) return []
  return features.flatMap((feature: Fact) => {
    if (typeof feature !== 'object' || feature === null || !('name' in feature)) return []
    return feature.required === true && typeof feature.name === 'string' ? [feature.name] : []
  })
}

function textsOf(fact: Fact | undefined): string[] {
  return Array.isArray(fact) ? fact.filter((each) => typeof each === 'string') : []
}
