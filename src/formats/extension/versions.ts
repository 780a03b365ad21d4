const mostParts = 4
const largestPart = 65_535

/**
 * The parts of an extension's version, or undefined when it is none: one to four integers of 0 to 65535 between
 * dots, no number with leading zeros, not all of them zero (edge-addons.md 7.1).
 */
export function parseVersion(version: string): readonly number[] | undefined {
  if (version.length > 64) return undefined
  const parts = version.split('.')
  if (parts.length > mostParts) return undefined
  const numbers: number[] = []
  for (const [index, part] of parts.entries()) {
    const number = /^[0-9]+$/.test(part) ? Number(part) : Number.NaN
    if (!(number <= largestPart)) return undefined
    // A zero may be written "00", except where Chromium's own parser refuses it: in front.
    if (part.length > 1 && part.startsWith('0') && (number > 0 || index === 0)) return undefined
    numbers.push(number)
  }
  return numbers.some((number) => number > 0) ? numbers : undefined
}

/**
 * Orders two versions: below zero when `a` is older than `b`. Part by part, missing parts are zero, so `1.1` equals
 * `1.1.0` (edge-addons.md 7.1).
 * @throws RangeError when either is no version.
 */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a)
  const right = parseVersion(b)
  if (left === undefined || right === undefined) throw new RangeError(`no extension version: ${left ? b : a}`)
  for (let index = 0; index < mostParts; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The grammar of `minimum_chrome_version`: integers between dots, as many as there are. */
export const isBrowserVersion = (version: string): boolean =>
  version.length <= 64 && version.split('.').every((part) => /^[0-9]{1,10}$/.test(part))
