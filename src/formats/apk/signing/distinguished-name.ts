import { type BerValue, berChildren, oidText, readBer } from './ber.ts'

const keywords: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SURNAME',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'T',
  '2.5.4.42': 'GIVENNAME',
  '1.2.840.113549.1.9.1': 'EMAILADDRESS',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
}

const bmpString = 0x1e
const universalString = 0x1c
const textTags: readonly number[] = [0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1b, universalString, bmpString]
const longest = 4096

interface NamePart {
  readonly type: string
  readonly value: string
}

/** Relative names in the order of the encoding, each a set of parts. @throws Malformed */
function readName(encoded: Uint8Array): NamePart[][] {
  return berChildren(readBer(encoded)).map((relative) =>
    berChildren(relative).map((part) => {
      const [type, value] = berChildren(part)
      return {
        type: type === undefined ? '' : oidText(type),
        value: value === undefined ? '' : textOf(value),
      }
    }),
  )
}

function textOf({ tag, contents, encoded }: BerValue): string {
  const bytes = Buffer.from(contents)
  if (!textTags.includes(tag)) return `#${Buffer.from(encoded).toString('hex')}`
  if (tag === bmpString && bytes.length % 2 === 0) return bytes.swap16().toString('utf16le')
  if (tag === universalString && bytes.length % 4 === 0) {
    return String.fromCodePoint(...utf32(bytes))
  }
  return bytes.toString(tag === 0x0c ? 'utf8' : 'latin1')
}

function utf32(bytes: Buffer): number[] {
  const points: number[] = []
  for (let at = 0; at < Math.min(bytes.length, longest); at += 4) {
    const point = bytes.readUInt32BE(at)
    points.push(point > 0x10ffff ? 0xfffd : point)
  }
  return points
}

/** As Java prints it, which is how `apksigner` shows a signer: `CN=Android Debug, O=Android, C=US`. */
export function nameText(encoded: Uint8Array): string {
  const parts = readName(encoded).map((relative) =>
    relative.map(({ type, value }) => `${keywords[type] ?? `OID.${type}`}=${quoted(value)}`).join(' + '),
  )
  return parts.join(', ').slice(0, longest)
}

function quoted(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be shown
  const shown = value.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?')
  return /[,+=<>#;\\"\n]|^ | $/.test(shown) ? `"${shown.replace(/["\\]/g, '\\$&')}"` : shown
}

/** Equal for two names that mean the same (RFC 5280, 7.1): case and runs of blanks do not count. */
export function canonicalName(encoded: Uint8Array): string {
  return JSON.stringify(
    readName(encoded).map((relative) =>
      relative.map(({ type, value }) => `${type}=${value.trim().replace(/\s+/g, ' ').toLowerCase()}`).sort(),
    ),
  )
}
