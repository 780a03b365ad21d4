export interface InfOptions {
  /** Entries of [Version] that replace or (undefined) remove the usual ones. */
  readonly version?: Readonly<Record<string, string | undefined>>
  /** Decorations of the models sections, `NTamd64.10.0...16299` by default. */
  readonly targets?: readonly string[]
  /** Hardware ids of the one model. */
  readonly ids?: readonly string[]
  /** Files copied and listed, `<name>.sys` by default. */
  readonly files?: readonly string[]
  readonly strings?: Readonly<Record<string, string>>
  /** Text put at the end, or whole sections in place of the usual ones by name. */
  readonly extra?: string
  readonly without?: readonly string[]
}

/** A sound driver INF, or one with the faults asked for. */
export function buildInf(name: string, options: InfOptions = {}): string {
  const { targets = ['NTamd64.10.0...16299'], ids = [`ROOT\\${name}`], files = [`${name}.sys`] } = options
  const version: Record<string, string | undefined> = {
    Signature: '"$WINDOWS NT$"',
    Class: 'System',
    ClassGuid: '{4D36E97D-E325-11CE-BFC1-08002BE10318}',
    Provider: '%Provider%',
    CatalogFile: `${name}.cat`,
    DriverVer: '05/20/2026,1.2.3.4',
    PnpLockdown: '1',
    ...options.version,
  }
  const entries = (record: Readonly<Record<string, string | undefined>>) =>
    Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${value}`]))
  const models = targets.map((target) => (target === '' ? 'Models' : `Models.${target}`))
  const sections: [string, string[]][] = [
    ['Version', entries(version)],
    ['Manufacturer', [['%Provider% = Models', ...targets.filter((target) => target !== '')].join(',')]],
    ...models.map((section): [string, string[]] => [section, [`%Device% = Install, ${ids.join(', ')}`]]),
    ['Install.NT', ['CopyFiles = Copied']],
    ['Copied', [...files]],
    ['DestinationDirs', ['DefaultDestDir = 13']],
    ['SourceDisksNames', ['1 = %Disk%']],
    ['SourceDisksFiles', files.map((file) => `${file} = 1`)],
    [
      'Strings',
      entries({ Provider: '"Contoso"', Device: '"Contoso device"', Disk: '"Disk"', ...options.strings }),
    ],
  ]
  const kept = sections.filter(([section]) => !(options.without ?? []).includes(section))
  const text = kept.map(([section, lines]) => [`[${section}]`, ...lines, ''].join('\r\n')).join('\r\n')
  return `; made for a test\r\n${text}\r\n${options.extra ?? ''}`
}

/** The files of one sound driver folder: INF, driver and catalog. */
export function driverFolder(folder: string, name: string, options: InfOptions = {}): Record<string, string> {
  const { files = [`${name}.sys`] } = options
  const content = Object.fromEntries(files.map((file) => [`${folder}\\${file}`, `content of ${file}`]))
  return {
    [`${folder}\\${name}.inf`]: buildInf(name, options),
    ...content,
    [`${folder}\\${name}.cat`]: 'catalog',
  }
}

/** UTF-16 with a byte order mark. */
export function utf16(text: string, order: 'le' | 'be' = 'le'): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}
