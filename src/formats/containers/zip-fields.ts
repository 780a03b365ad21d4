import { crc32 } from 'node:zlib'

export const signature = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  descriptor: 0x08074b50,
} as const

export const flag = {
  encrypted: 1 << 0,
  descriptor: 1 << 3,
  patched: 1 << 5,
  strongEncryption: 1 << 6,
  utf8: 1 << 11,
  maskedHeader: 1 << 13,
} as const

export const max16 = 0xffff
export const max32 = 0xffffffff

/** A view for little-endian reads; no copy. */
export const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A 64-bit field; `Infinity` for what no file can be, so that every bounds check refuses it. */
export function uint64(fields: DataView, offset: number): number {
  const value = fields.getUint32(offset + 4, true) * 2 ** 32 + fields.getUint32(offset, true)
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
}

export interface ExtraFields {
  /** By header id; of an id that stands twice, the first. */
  readonly fields: ReadonlyMap<number, Uint8Array>
  /** False when the records do not add up to the field's length (padding with zeros does, as zipalign pads). */
  readonly wellFormed: boolean
}

const noFields: ExtraFields = { fields: new Map(), wellFormed: true }

export function extraFields(bytes: Uint8Array): ExtraFields {
  if (bytes.length === 0) return noFields
  const fields = new Map<number, Uint8Array>()
  const numbers = view(bytes)
  let offset = 0
  while (offset + 4 <= bytes.length) {
    const id = numbers.getUint16(offset, true)
    const end = offset + 4 + numbers.getUint16(offset + 2, true)
    if (end > bytes.length) break
    if (!fields.has(id)) fields.set(id, bytes.subarray(offset + 4, end))
    offset = end
  }
  const rest = bytes.subarray(offset)
  return { fields, wellFormed: rest.every((byte) => byte === 0) }
}

const extraZip64 = 0x0001
const extraUnicodePath = 0x7075

/** Sizes and offset of a record as its 32-bit fields have them. */
export interface Sizes {
  readonly uncompressedSize: number
  readonly compressedSize: number
  /** Absent in a local header. */
  readonly headerOffset?: number
}

/**
 * The record's true sizes: a 32-bit field of all ones stands for the next value of the ZIP64 extra field
 * (APPNOTE 4.5.3). `lie` says why the extra field can't be believed.
 */
export function zip64Sizes(
  record: Sizes,
  extra: ExtraFields,
): Required<Sizes> & { zip64: boolean; lie?: string } {
  const field = extra.fields.get(extraZip64)
  const sizes = { headerOffset: 0, ...record }
  const wanted = [record.uncompressedSize, record.compressedSize, record.headerOffset]
  if (!wanted.includes(max32)) {
    if (field === undefined) return { ...sizes, zip64: false }
    const lie = field.length >= 16 && contradicts(view(field), record)
    return lie
      ? { ...sizes, zip64: true, lie: 'its ZIP64 sizes contradict its ordinary sizes' }
      : { ...sizes, zip64: true }
  }
  if (field === undefined)
    return { ...sizes, zip64: true, lie: 'it refers to ZIP64 sizes that it does not have' }
  const numbers = view(field)
  const values = wanted.map((value) => value)
  let at = 0
  for (const [index, value] of wanted.entries()) {
    if (value !== max32) continue
    if (at + 8 > field.length) return { ...sizes, zip64: true, lie: 'its ZIP64 extra field is too short' }
    values[index] = uint64(numbers, at)
    at += 8
  }
  const [uncompressedSize = 0, compressedSize = 0, headerOffset = 0] = values
  return { uncompressedSize, compressedSize, headerOffset, zip64: true }
}

function contradicts(field: DataView, record: Sizes): boolean {
  return uint64(field, 0) !== record.uncompressedSize || uint64(field, 8) !== record.compressedSize
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const cp437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80)

export interface DecodedName {
  readonly name: string
  /** The UTF-8 flag is set, but the bytes are no UTF-8. */
  readonly malformed: boolean
  /** The name another reader may see: that of an Info-ZIP Unicode path field which contradicts the record. */
  readonly rival?: string
}

/**
 * A name is UTF-8 when its flag says so and CP437 otherwise (APPNOTE appendix D); an Info-ZIP Unicode path field
 * replaces a CP437 name when its checksum fits (APPNOTE 4.6.9). It must not rename what needs no translation.
 */
export function decodeName(raw: Uint8Array, flags: number, extra: ExtraFields): DecodedName {
  const unicode = unicodePath(raw, extra)
  if (isAscii(raw) || (flags & flag.utf8) !== 0) {
    const { text, malformed } = utf8(raw)
    const rival = unicode !== undefined && unicode !== text ? { rival: unicode } : {}
    return { name: text, malformed, ...rival }
  }
  if (unicode !== undefined) return { name: unicode, malformed: false }
  let name = ''
  for (const byte of raw) name += byte < 0x80 ? String.fromCharCode(byte) : (cp437[byte - 0x80] ?? '')
  return { name, malformed: false }
}

function utf8(raw: Uint8Array): { text: string; malformed: boolean } {
  try {
    return { text: strictUtf8.decode(raw), malformed: false }
  } catch {
    return { text: Buffer.from(raw).toString('latin1'), malformed: true }
  }
}

function unicodePath(raw: Uint8Array, extra: ExtraFields): string | undefined {
  const field = extra.fields.get(extraUnicodePath)
  if (field === undefined || field.length < 5 || field[0] !== 1) return undefined
  if (view(field).getUint32(1, true) !== crc32(raw)) return undefined
  const { text, malformed } = utf8(field.subarray(5))
  return malformed ? undefined : text
}
