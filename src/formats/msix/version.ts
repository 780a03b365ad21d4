/** Four numbers, most significant first. */
export type Quad = readonly [number, number, number, number]

const part = '(0|[1-9][0-9]{0,4})'
const quadPattern = new RegExp(`^${part}\\.${part}\\.${part}\\.${part}$`)
const shortPattern = new RegExp(`^${part}\\.${part}(?:\\.${part})?$`)
const largest = 65535

/** `Major.Minor.Build.Revision`, each 0–65535 without leading zeros (ST_VersionQuad); undefined otherwise. */
export function parseQuad(text: string): Quad | undefined {
  const match = quadPattern.exec(text)
  if (match === null) return undefined
  const [major = 0, minor = 0, build = 0, revision = 0] = match.slice(1).map(Number)
  return Math.max(major, minor, build, revision) > largest ? undefined : [major, minor, build, revision]
}

/** Two or three numbers, as Windows 8 manifests write system versions (ST_VersionDuoOrTrio). */
export function parseShortVersion(text: string): Quad | undefined {
  const match = shortPattern.exec(text)
  if (match === null) return undefined
  const [major = 0, minor = 0, build = 0] = match.slice(1).map((each) => Number(each ?? 0))
  return Math.max(major, minor, build) > largest ? undefined : [major, minor, build, 0]
}

/** Negative when `a` is the older one. */
export function compareQuads(a: Quad, b: Quad): number {
  for (const index of [0, 1, 2, 3] as const) {
    if (a[index] !== b[index]) return a[index] - b[index]
  }
  return 0
}
