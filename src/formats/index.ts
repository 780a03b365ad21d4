import { openZip } from './containers/zip.ts'
import { defaultLimits, type Format, type Inspection, type InspectionLimits, type Reader } from './types.ts'

/** A format, how its packages are known, and where its reader is: loaded when a package of it comes. */
interface Known {
  readonly name: string
  /** File name endings, lower case with the dot. */
  readonly extensions: readonly string[]
  /** What the bytes begin with. */
  readonly magic?: readonly string[]
  /** Patterns of names, one of which a ZIP archive of this format has. */
  readonly entry?: RegExp
  load(): Promise<Format>
}

/** One entry per format; where several would take the same bytes, the first one does. */
export const formats: readonly Known[] = [
  {
    name: 'msix',
    extensions: ['.appx', '.msix', '.appxbundle', '.msixbundle', '.appxupload', '.msixupload'],
    entry: /^Appx(?:Manifest|BlockMap)\.xml$|^[^/]+\.(?:appx|msix)(?:bundle)?$/i,
    load: async () => (await import('./msix/index.ts')).msix,
  },
  {
    name: 'apk',
    extensions: ['.apk'],
    entry: /^AndroidManifest\.xml$/,
    load: async () => (await import('./apk/index.ts')).apk,
  },
  {
    name: 'driver',
    extensions: ['.cab', '.hlkx', '.hckx'],
    magic: ['MSCF'],
    entry: /^hck\/data\//i,
    load: async () => (await import('./driver/index.ts')).driver,
  },
  {
    name: 'extension',
    extensions: ['.zip'],
    magic: ['Cr24'],
    entry: /^(?:[^/]+\/)?manifest\.json$/,
    load: async () => (await import('./extension/index.ts')).extension,
  },
]

export interface InspectOptions {
  /** The file's name or path; its ending is asked before the bytes are. */
  readonly name?: string | undefined
  /** The name of the format that it must be. */
  readonly format?: string | undefined
  readonly limits?: InspectionLimits | undefined
}

/**
 * Inspects one package as the format that `format`, the end of its name, or else its bytes say. Bytes that no format
 * knows give an inspection of format `unknown` that is not sound.
 *
 * Content is never thrown. What is thrown is the reader's own failure or a fault of ours; a caller must take that for
 * "not inspected", never for "sound".
 * @throws RangeError when there is no format of the name in `format`.
 */
export async function inspect(reader: Reader, options: InspectOptions = {}): Promise<Inspection> {
  const limits = options.limits ?? defaultLimits
  const chosen = await chooseFormat(reader, options, limits)
  if (chosen === undefined) return unknown
  const format = await chosen.load()
  return format.inspect(reader, limits)
}

async function chooseFormat(
  reader: Reader,
  { name, format }: InspectOptions,
  limits: InspectionLimits,
): Promise<Known | undefined> {
  if (format !== undefined) {
    const asked = formats.find((each) => each.name === format)
    if (asked === undefined) throw new RangeError(`there is no format '${format}'`)
    return asked
  }
  return (name === undefined ? undefined : byName(name)) ?? (await byContent(reader, limits))
}

function byName(name: string): Known | undefined {
  const lower = name.toLowerCase()
  return formats.find((format) => format.extensions.some((extension) => lower.endsWith(extension)))
}

async function byContent(reader: Reader, limits: InspectionLimits): Promise<Known | undefined> {
  const start = Buffer.from(await reader.read(0, Math.min(8, reader.size))).toString('latin1')
  const byMagic = formats.find(({ magic = [] }) => magic.some((each) => start.startsWith(each)))
  if (byMagic !== undefined) return byMagic
  if (!start.startsWith('PK')) return undefined
  const { entries } = await openZip(reader, limits)
  return formats.find(({ entry }) => entry !== undefined && entries.some(({ name }) => entry.test(name)))
}

const unknown: Inspection = {
  format: 'unknown',
  sound: false,
  facts: {},
  findings: [
    {
      code: 'unknown-format',
      severity: 'error',
      message: 'This is no package of a known format. Upload the package itself, under its usual file name.',
    },
  ],
}
