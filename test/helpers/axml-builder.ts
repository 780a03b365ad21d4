import { type AttributeName, attributeId } from '../../src/formats/apk/manifest/attribute-ids.ts'

/** `{ reference }` is a resource, `{ type, data }` any typed value. */
export type AxmlValue =
  | string
  | number
  | boolean
  | { readonly reference: number }
  | { readonly type: number; readonly data: number }

export interface AxmlElement {
  readonly name: string
  /** Framework attributes, under their names in {@link attributeId}. */
  readonly android?: Readonly<Partial<Record<AttributeName, AxmlValue>>>
  /** Attributes without a namespace, such as `package`. */
  readonly plain?: Readonly<Record<string, AxmlValue>>
  readonly children?: readonly AxmlElement[]
}

/** The tricks of obfuscators, each of which leaves a document that Android still reads. */
export interface AxmlOptions {
  readonly utf8?: boolean
  /** Bytes of one attribute; 20 suffice. */
  readonly attributeSize?: number
  /** Type of the outermost chunk. */
  readonly outerType?: number
  /** Chunks put before the first element. */
  readonly chunksBefore?: readonly Uint8Array[]
  /** Chunks put after every start of an element. */
  readonly chunksBetween?: readonly Uint8Array[]
  /** Strings that nothing refers to. */
  readonly extraStrings?: readonly string[]
  /** Claimed beyond the strings that are there. */
  readonly extraStringCount?: number
  /** Bytes after the document. */
  readonly trailing?: Uint8Array
}

const androidNamespace = 'http://schemas.android.com/apk/res/android'
const none = 0xffffffff

/** A chunk with a header of eight bytes. */
export function chunk(type: number, body: Uint8Array, header: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Buffer.alloc(8 + header.length + body.length)
  bytes.writeUInt16LE(type, 0)
  bytes.writeUInt16LE(8 + header.length, 2)
  bytes.writeUInt32LE(bytes.length, 4)
  bytes.set(header, 8)
  bytes.set(body, 8 + header.length)
  return bytes
}

export function words(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4)
  return bytes
}

/** A string pool chunk. */
export function stringPool(strings: readonly string[], utf8 = false, extraCount = 0): Uint8Array {
  const encoded = strings.map((text) => (utf8 ? utf8String(text) : utf16String(text)))
  const offsets: number[] = []
  let at = 0
  for (const { length } of encoded) {
    offsets.push(at)
    at += length
  }
  const padding = Buffer.alloc((4 - (at % 4)) % 4)
  const start = 28 + offsets.length * 4
  const header = words(strings.length + extraCount, 0, utf8 ? 0x100 : 0, start, 0)
  return chunk(0x0001, Buffer.concat([words(...offsets), ...encoded, padding]), header)
}

function utf16String(text: string): Buffer {
  const length =
    text.length < 0x8000
      ? Buffer.of(text.length & 0xff, text.length >> 8)
      : Buffer.from(Uint16Array.of(0x8000 | (text.length >> 16), text.length & 0xffff).buffer)
  return Buffer.concat([length, Buffer.from(text, 'utf16le'), Buffer.alloc(2)])
}

function utf8String(text: string): Buffer {
  const bytes = Buffer.from(text)
  // Fifteen bits are all the format has; AAPT dropped the others.
  const size = (length: number) =>
    length < 0x80 ? Buffer.of(length) : Buffer.of(0x80 | ((length >> 8) & 0x7f), length & 0xff)
  return Buffer.concat([size(text.length), size(bytes.length), bytes, Buffer.alloc(1)])
}

/** Writes a binary XML document. Strings of framework attributes come first, as their resource map wants it. */
export function buildAxml(root: AxmlElement, options: AxmlOptions = {}): Uint8Array {
  const used = new Set<AttributeName>()
  collect(root, used)
  const names = [...used].sort((a, b) => attributeId[a] - attributeId[b])
  const strings: string[] = [...names]
  const index = (text: string): number => {
    const found = strings.indexOf(text, names.length)
    return found >= 0 ? found : strings.push(text) - 1
  }
  const writer: Writer = {
    index,
    names,
    between: options.chunksBetween ?? [],
    size: options.attributeSize ?? 20,
  }
  const nodes = writeElement(root, writer)
  strings.push(...(options.extraStrings ?? []))
  const body = Buffer.concat([
    stringPool(strings, options.utf8, options.extraStringCount),
    chunk(0x0180, words(...names.map((name) => attributeId[name]))),
    ...(options.chunksBefore ?? []),
    ...nodes,
  ])
  return Buffer.concat([chunk(options.outerType ?? 0x0003, body), options.trailing ?? new Uint8Array(0)])
}

function collect(element: AxmlElement, used: Set<AttributeName>): void {
  for (const name of Object.keys(element.android ?? {})) used.add(name as AttributeName)
  for (const child of element.children ?? []) collect(child, used)
}

interface Writer {
  readonly index: (text: string) => number
  readonly names: readonly AttributeName[]
  readonly between: readonly Uint8Array[]
  readonly size: number
}

function writeElement(element: AxmlElement, writer: Writer): Uint8Array[] {
  const name = writer.index(element.name)
  const attributes = Buffer.concat([
    ...writer.names.flatMap((id, index) => {
      const value = element.android?.[id]
      return value === undefined ? [] : [writeAttribute(writer.index(androidNamespace), index, value, writer)]
    }),
    ...Object.entries(element.plain ?? {}).map(([key, value]) =>
      writeAttribute(none, writer.index(key), value, writer),
    ),
  ])
  const sizes = Buffer.alloc(12)
  sizes.writeUInt16LE(20, 0)
  sizes.writeUInt16LE(writer.size, 2)
  sizes.writeUInt16LE(attributes.length / writer.size, 4)
  const line = words(1, none)
  return [
    chunk(0x0102, Buffer.concat([words(none, name), sizes, attributes]), line),
    ...writer.between,
    ...(element.children ?? []).flatMap((child) => writeElement(child, writer)),
    chunk(0x0103, words(none, name), line),
  ]
}

function writeAttribute(namespace: number, name: number, value: AxmlValue, writer: Writer): Uint8Array {
  const { type, data } = typed(value, writer)
  const bytes = Buffer.alloc(writer.size)
  bytes.set(words(namespace, name, type === 3 ? data : none))
  bytes.writeUInt16LE(8, 12)
  bytes[15] = type
  bytes.writeUInt32LE(data >>> 0, 16)
  return bytes
}

function typed(value: AxmlValue, writer: Writer): { type: number; data: number } {
  if (typeof value === 'string') return { type: 0x03, data: writer.index(value) }
  if (typeof value === 'number') return { type: 0x10, data: value }
  if (typeof value === 'boolean') return { type: 0x12, data: value ? -1 : 0 }
  return 'reference' in value ? { type: 0x01, data: value.reference } : value
}

export interface ManifestSpec {
  readonly package?: string
  readonly manifest?: AxmlElement['android']
  /** Further attributes of `<manifest>` without a namespace. */
  readonly plain?: AxmlElement['plain']
  readonly minSdk?: AxmlValue
  readonly targetSdk?: AxmlValue
  readonly application?: AxmlElement['android']
  readonly children?: readonly AxmlElement[]
  readonly applicationChildren?: readonly AxmlElement[]
}

/** The element tree of an ordinary manifest. */
export function manifestElement(spec: ManifestSpec = {}): AxmlElement {
  const { minSdk = 24, targetSdk = 29 } = spec
  return {
    name: 'manifest',
    android: { versionCode: 7, versionName: '1.2.3', ...spec.manifest },
    plain: { package: spec.package ?? 'com.example.built', ...spec.plain },
    children: [
      { name: 'uses-sdk', android: { minSdkVersion: minSdk, targetSdkVersion: targetSdk } },
      ...(spec.children ?? []),
      {
        name: 'application',
        android: { label: 'Built', ...spec.application },
        children: spec.applicationChildren ?? [],
      },
    ],
  }
}
