/** Types of a `Res_value` (AOSP `ResourceTypes.h`). */
export const valueType = {
  null: 0x00,
  reference: 0x01,
  attribute: 0x02,
  string: 0x03,
  float: 0x04,
  dynamicReference: 0x07,
  decimal: 0x10,
  hexadecimal: 0x11,
  boolean: 0x12,
  firstInteger: 0x10,
  lastInteger: 0x1f,
} as const

/** One typed value, from an attribute or from a resource. */
export interface ResourceValue {
  readonly type: number
  /** Signed, as integers are meant. */
  readonly data: number
  /** The text when the type is string, and when the pool has it. */
  readonly text: string | undefined
}

export const isReference = ({ type }: ResourceValue): boolean =>
  type === valueType.reference || type === valueType.dynamicReference

/** The identifier a reference names, as an unsigned number. */
export const referenceId = ({ data }: ResourceValue): number => data >>> 0

export const isInteger = ({ type }: ResourceValue): boolean =>
  type >= valueType.firstInteger && type <= valueType.lastInteger

/** As Android's `XmlUtils.convertValueToInt` reads a text: sign, then decimal, `0x`, `#` or octal digits. */
export function integerText(text: string): number | undefined {
  const match = /^(-?)(0[xX]|#|0(?=[0-9]))?([0-9a-fA-F]{1,16})$/.exec(text)
  if (match === null) return undefined
  const [, sign, prefix, digits = ''] = match
  const base = prefix === undefined ? 10 : prefix === '0' ? 8 : 16
  const allowed = base === 10 ? /^[0-9]+$/ : base === 8 ? /^[0-7]+$/ : /./
  const value = Number.parseInt(digits, base)
  if (!allowed.test(digits) || !Number.isSafeInteger(value)) return undefined
  return (sign === '-' ? -value : value) | 0
}

/** Integers, and texts that read as one. */
export function asInteger(value: ResourceValue): number | undefined {
  if (isInteger(value)) return value.data
  return value.text === undefined ? undefined : integerText(value.text)
}

export function asBoolean(value: ResourceValue): boolean | undefined {
  if (isInteger(value)) return value.data !== 0
  if (value.text === undefined) return undefined
  return value.text === '1' || value.text.toLowerCase() === 'true'
}

/** Any scalar as text, the way Android coerces it; undefined for references and unknown types. */
export function asText(value: ResourceValue): string | undefined {
  switch (value.type) {
    case valueType.string:
      return value.text
    case valueType.decimal:
      return String(value.data)
    case valueType.hexadecimal:
      return `0x${(value.data >>> 0).toString(16)}`
    case valueType.boolean:
      return value.data === 0 ? 'false' : 'true'
    case valueType.float:
      return floatText(value.data)
    default:
      return undefined
  }
}

function floatText(bits: number): string {
  const view = new DataView(new ArrayBuffer(4))
  view.setInt32(0, bits)
  // As short as a 32-bit float needs: 1.1 is stored as 1.10000002384…
  return String(Number(view.getFloat32(0).toPrecision(7)))
}
