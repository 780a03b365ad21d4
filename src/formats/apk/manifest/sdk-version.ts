/** Android releases that change what a signature must be like. */
export const sdk = {
  jellyBeanMr2: 18,
  kitKat: 19,
  nougat: 24,
  oreo: 26,
  pie: 28,
  r: 30,
  tiramisu: 33,
} as const

/** API level of the release before the one whose code name starts with the letter. */
const levelBefore: Readonly<Record<string, number>> = {
  C: 2,
  D: 3,
  E: 4,
  F: 7,
  G: 8,
  H: 10,
  I: 13,
  J: 15,
  K: 18,
  L: 20,
  M: 22,
  N: 23,
  O: 25,
}

/**
 * The API level that a platform under development with this code name still reports, as Android's signature
 * verifier derives it: from the first letter, one level for each letter after O. Undefined for no code name.
 */
export function levelOfCodename(codename: string): number | undefined {
  const first = codename.charAt(0)
  if (!/^[A-Z]$/.test(first)) return undefined
  if (first < 'C') return 1
  return levelBefore[first] ?? 25 + first.charCodeAt(0) - 'O'.charCodeAt(0)
}
