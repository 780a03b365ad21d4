import type { InfSection } from './inf-lexer.ts'
import type { InfStrings } from './inf-strings.ts'

/** The [Version] section. Texts are null when the entry is missing or empty. */
export interface InfVersion {
  readonly isPresent: boolean
  readonly signature: string | null
  readonly class: string | null
  /** With braces, as written. */
  readonly classGuid: string | null
  readonly provider: string | null
  /** CatalogFile and its decorated forms: file names by decoration in lower case, '' for none. */
  readonly catalogFiles: Readonly<Record<string, string>>
  /** The entry as written, `mm/dd/yyyy,w.x.y.z`. */
  readonly driverVer: string | null
  /** `yyyy-mm-dd`; null when there is no valid date. */
  readonly driverDate: string | null
  /** Four numbers with dots; null when there is no valid version. */
  readonly driverVersion: string | null
  readonly pnpLockdown: boolean | null
  readonly extensionId: string | null
  readonly layoutFile: string | null
}

export function readVersion(section: InfSection | undefined, strings: InfStrings): InfVersion {
  const entries = section?.entries ?? []
  const find = (key: string) => entries.find((entry) => entry.key?.toLowerCase() === key)
  const text = (key: string) => {
    const value = strings.expand(find(key)?.fields[0] ?? '').trim()
    return value === '' ? null : value
  }
  const [date = '', version = ''] = (find('driverver')?.fields ?? []).map((field) =>
    strings.expand(field).trim(),
  )
  const driverVer = version === '' ? date : `${date},${version}`
  const lockdown = text('pnplockdown')
  return {
    isPresent: section !== undefined,
    signature: text('signature'),
    class: text('class'),
    classGuid: text('classguid'),
    provider: text('provider'),
    catalogFiles: catalogFiles(entries, strings),
    driverVer: driverVer === '' ? null : driverVer,
    driverDate: readDate(date),
    driverVersion: readDriverVersion(version),
    pnpLockdown: lockdown === null ? null : Number(lockdown) === 1,
    extensionId: text('extensionid'),
    layoutFile: text('layoutfile'),
  }
}

function catalogFiles(entries: InfSection['entries'], strings: InfStrings): Record<string, string> {
  const files: Record<string, string> = Object.create(null)
  for (const { key = '', fields } of entries) {
    const [, decoration] = /^catalogfile(?:\.(.*))?$/i.exec(key) ?? [undefined, undefined]
    const isCatalog = key.toLowerCase() === 'catalogfile' || decoration !== undefined
    const file = strings.expand(fields[0] ?? '').trim()
    if (isCatalog && file !== '') files[(decoration ?? '').toLowerCase()] ??= file
  }
  return files
}

/** `mm/dd/yyyy` or with hyphens, as ISO; Windows takes one digit for two. */
export function readDate(text: string): string | null {
  const [, month = '', day = '', year = ''] = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(text) ?? []
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const time = new Date(`${iso}T00:00:00Z`)
  // A day past the end of its month moves on to the next one, so the text must come back unchanged.
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(iso) ? iso : null
}

/** One to four numbers up to 65535; missing ones are zero. */
export function readDriverVersion(text: string): string | null {
  const parts = text.split('.')
  if (parts.length > 4 || !parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= 65_535))
    return null
  return [...parts, '0', '0', '0'].slice(0, 4).map(Number).join('.')
}
