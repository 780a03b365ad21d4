/** Operating systems before Windows 10, as `requestedSignatures` names them (microsoft-hardware.md 2.9). */
const early = new Set(
  `WINDOWS_ME WINDOWS_98 WINDOWS_2000 WINDOWS_NT40 WINDOWS_XP WINDOWS_XP_IA64 WINDOWS_XP_X64 WINDOWS_XP_MEDIA_CENTER
  WINDOWS_2003 WINDOWS_2003_IA64 WINDOWS_2003_X64 WINDOWS_VISTA WINDOWS_VISTA_X64 WINDOWS_2008_SERVER
  WINDOWS_2008_SERVER_IA64 WINDOWS_2008_SERVER_X64 WINDOWS_HOME_SERVER WINDOWS_7 WINDOWS_7_X64
  WINDOWS_2008_SERVER_R2_IA64 WINDOWS_2008_SERVER_R2_X64 WINDOWS_SERVER_SOLUTIONS_X64 WINDOWS_8 WINDOWS_8_X64
  WINDOWS_8_ARM WINDOWS_8_SERVER_X64 WINDOWS_v63 WINDOWS_v63_X64 WINDOWS_v63_ARM WINDOWS_v63_SERVER_X64`.split(
    /\s+/,
  ),
)

const channels = [
  'TH1',
  'TH2',
  'RS1',
  'RS2',
  'RS3',
  'RS4',
  'RS5',
  '19H1',
  'VB',
  'FE',
  'CO',
  'NI',
  'GE',
  '25H2',
  '26H1',
]

/** 32-bit x86 has no token of its own; the case counts (INFERRED: the `v100` is always lower-case). */
const modern = new RegExp(`^WINDOWS_v100_(?:SERVER_)?(?:X64_|ARM64_)?(?:${channels.join('|')})_FULL$`)

/** @param more codes that this server was told of: new ones appear every year (7-30) */
export function isOsCode(code: string, more: readonly string[] = []): boolean {
  return early.has(code) || modern.test(code) || more.includes(code)
}

export function isWindows10(code: string): boolean {
  return !early.has(code)
}

export function isServer(code: string): boolean {
  return /_SERVER(?:_|$)/.test(code) || /^WINDOWS_2003/.test(code)
}

export type Architecture = 'x86' | 'amd64' | 'arm64' | 'arm' | 'ia64'

const tokens: readonly [RegExp, Architecture][] = [
  [/_ARM64(?:_|$)/, 'arm64'],
  [/_ARM(?:_|$)/, 'arm'],
  [/_X64(?:_|$)/, 'amd64'],
  [/_IA64(?:_|$)/, 'ia64'],
]

export function architectureOf(code: string): Architecture {
  return tokens.find(([token]) => token.test(code))?.[1] ?? 'x86'
}
