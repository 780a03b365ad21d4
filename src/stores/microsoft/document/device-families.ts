import { refusals } from '../refusals.ts'
import type { Reader } from './readers.ts'

export const supportedFamilies = ['Desktop', 'Mobile', 'Xbox', 'Holographic'] as const

export type DeviceFamilies = { readonly [family: string]: boolean }

/**
 * Which families to come the app is offered to. Four must be there; others (`Team`, and a stray `7` that the
 * service sends itself) are kept as they are (microsoft-store.md 7-21).
 */
export const readDeviceFamilies: Reader<DeviceFamilies> = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusals.deviceFamilies()
  const families: { [family: string]: boolean } = {}
  for (const [key, allowed] of Object.entries(value)) {
    const name = supportedFamilies.find((family) => family.toLowerCase() === key.toLowerCase()) ?? key
    if (typeof allowed === 'boolean' && name !== '__proto__') families[name] = allowed
  }
  if (!namesEverySupported(families)) throw refusals.deviceFamilies()
  return families
}

export function namesEverySupported(families: DeviceFamilies): boolean {
  return supportedFamilies.every((family) => Object.hasOwn(families, family))
}
