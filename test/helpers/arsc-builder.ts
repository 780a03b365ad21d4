import { chunk, stringPool, words } from './axml-builder.ts'

/** A value of one resource for one configuration. */
export interface ArscValue {
  readonly value: string | number | { readonly reference: number }
  /** Two letters; none is for every language. */
  readonly language?: string
  /** Dots per inch. */
  readonly density?: number
}

/** How entries are stored: one offset each, only those that are there, 16-bit offsets, or 8-byte entries. */
export type ArscForm = 'plain' | 'sparse' | 'short' | 'compact'

/**
 * Builds a `resources.arsc` with one package and one type: the resource `index` has the identifier
 * `0x7f010000 + index`.
 */
export function buildArsc(
  resources: readonly (readonly ArscValue[])[],
  form: ArscForm = 'plain',
): Uint8Array {
  const strings: string[] = []
  const configurations = new Map<string, Map<number, ArscValue>>()
  for (const [index, values] of resources.entries()) {
    for (const each of values) {
      if (typeof each.value === 'string') strings.push(each.value)
      const key = `${each.language ?? ''}/${each.density ?? 0}`
      const entries = configurations.get(key) ?? new Map<number, ArscValue>()
      entries.set(index, each)
      configurations.set(key, entries)
    }
  }
  const types = [...configurations.values()].map((entries) =>
    writeType(entries, resources.length, strings, form),
  )
  const header = Buffer.concat([words(0x7f), Buffer.alloc(256), words(0, 0, 0, 0, 0)])
  const body = Buffer.concat([stringPool(['entry']), stringPool(['key']), ...types])
  return chunk(0x0002, Buffer.concat([stringPool(strings, true), chunk(0x0200, body, header)]), words(1))
}

function writeType(
  entries: ReadonlyMap<number, ArscValue>,
  count: number,
  strings: readonly string[],
  form: ArscForm,
): Uint8Array {
  const [first] = entries.values()
  const written: Uint8Array[] = []
  const offsets = new Map<number, number>()
  let at = 0
  for (const [index, { value }] of [...entries].sort(([a], [b]) => a - b)) {
    const entry = writeEntry(value, strings, form)
    offsets.set(index, at)
    written.push(entry)
    at += entry.length
  }
  const table = writeOffsets(offsets, count, form)
  const flags = form === 'sparse' ? 1 : form === 'short' ? 2 : 0
  const listed = form === 'sparse' ? offsets.size : count
  const configuration = Buffer.alloc(64)
  configuration.writeUInt32LE(64, 0)
  configuration.write(first?.language ?? '', 8, 'latin1')
  configuration.writeUInt16LE(first?.density ?? 0, 14)
  const start = 20 + configuration.length + table.length
  const header = Buffer.concat([Buffer.of(1, flags, 0, 0), words(listed, start), configuration])
  return chunk(0x0201, Buffer.concat([table, ...written]), header)
}

function writeOffsets(offsets: ReadonlyMap<number, number>, count: number, form: ArscForm): Uint8Array {
  if (form === 'sparse') return words(...[...offsets].map(([index, offset]) => index | ((offset / 4) << 16)))
  const all = Array.from({ length: count }, (_, index) => offsets.get(index))
  if (form !== 'short') return words(...all.map((offset) => offset ?? 0xffffffff))
  const bytes = Buffer.alloc(2 * (count + (count % 2)))
  for (const [index, offset] of all.entries())
    bytes.writeUInt16LE(offset === undefined ? 0xffff : offset / 4, index * 2)
  return bytes
}

function writeEntry(value: ArscValue['value'], strings: readonly string[], form: ArscForm): Uint8Array {
  const [type, data] =
    typeof value === 'string'
      ? [0x03, strings.indexOf(value)]
      : typeof value === 'number'
        ? [0x10, value]
        : [0x01, value.reference]
  const bytes = Buffer.alloc(form === 'compact' ? 8 : 16)
  if (form === 'compact') {
    bytes.writeUInt16LE((type << 8) | 0x0008, 2)
    bytes.writeUInt32LE(data >>> 0, 4)
    return bytes
  }
  bytes.writeUInt16LE(8, 0)
  bytes.writeUInt16LE(8, 8)
  bytes[11] = type
  bytes.writeUInt32LE(data >>> 0, 12)
  return bytes
}
