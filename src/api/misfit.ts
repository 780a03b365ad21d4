/** How a value departs from a schema. */
export interface Misfit {
  /** Where, as in `findings.0.code`; empty for the value itself. */
  readonly path: string
  /** What would do, as the end of a sentence: `must be a whole number`. */
  readonly message: string
}

/** The keywords the builders in `json-schema.ts` can write. */
interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: Schema
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** The first way in which a value is not what the schema says; undefined when it is. */
export function misfitOf(schema: object, value: unknown): Misfit | undefined {
  return find(schema, value, '')
}

/**
 * Query parameters and headers arrive as texts: turns those that the schema wants otherwise into what it wants.
 * A text that is none is left alone, for the check to refuse.
 */
export function fromTexts(schema: object, texts: unknown): unknown {
  if (!isObject(texts)) return texts
  const read: { [name: string]: unknown } = { ...texts }
  for (const [name, { type }] of Object.entries((schema as Schema).properties ?? {})) {
    const given = read[name]
    if (type === 'integer' && typeof given === 'string' && /^-?\d{1,15}$/.test(given))
      read[name] = Number(given)
  }
  return read
}

function find(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (schema.anyOf) {
    if (value === null && schema.anyOf.some((one) => one.type === 'null')) return undefined
    const [first] = schema.anyOf
    return first && find(first, value, path)
  }
  switch (schema.type) {
    case 'object':
      return findInObject(schema, value, path)
    case 'array':
      return findInArray(schema, value, path)
    case 'string':
      return told(path, textProblem(schema, value))
    case 'integer':
      return told(path, integerProblem(schema, value))
    case 'boolean':
      return told(path, typeof value === 'boolean' ? undefined : 'must be true or false')
    case 'null':
      return told(path, value === null ? undefined : 'must be null')
    default:
      return undefined
  }
}

function findInObject(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (!isObject(value)) return { path, message: 'must be an object' }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) return { path: join(path, name), message: 'is required' }
  }
  const { properties = {} } = schema
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known) {
      const found = find(known, member, join(path, name))
      if (found) return found
    } else if (schema.additionalProperties === false) {
      const names = Object.keys(properties).join(', ')
      return { path: join(path, name), message: names ? `is not known; there are ${names}` : 'is not known' }
    }
  }
  return undefined
}

function findInArray(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (!Array.isArray(value)) return { path, message: 'must be an array' }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return { path, message: `must have at most ${schema.maxItems} items` }
  }
  for (const [index, item] of value.entries()) {
    const found = schema.items && find(schema.items, item, join(path, String(index)))
    if (found) return found
  }
  return undefined
}

function textProblem(schema: Schema, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a text'
  // PostgreSQL cannot store it, whatever the schema says.
  if (value.includes('\0')) return 'must not contain the character NUL'
  if (schema.enum && !schema.enum.includes(value)) return `must be ${schema.enum.join(', ')}`
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema
  if (isShorter(value, minLength)) return `must have at least ${minLength} characters`
  if (!isShorter(value, maxLength + 1)) return `must have at most ${maxLength} characters`
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return `must match ${pattern}`
  if (format === 'date-time' && !isTime(value)) return 'must be a time such as 2030-01-31T00:00:00Z'
  return undefined
}

function integerProblem(schema: Schema, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return 'must be a whole number'
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
  if (value < minimum) return `must be at least ${minimum}`
  if (value > maximum) return `must be at most ${maximum}`
  return undefined
}

/** Lengths count characters (JSON Schema: code points), of which a text has no more than UTF-16 units. */
function isShorter(value: string, length: number): boolean {
  return value.length < length || (value.length < length * 2 && [...value].length < length)
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i

function isTime(value: string): boolean {
  const match = rfc3339.exec(value)
  if (!match || Number.isNaN(Date.parse(value))) return false
  const [, year, month, day] = match.map(Number)
  // Date.parse takes the 30th of February for the 1st of March.
  return new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day)).getUTCDate() === day
}

function told(path: string, message: string | undefined): Misfit | undefined {
  return message === undefined ? undefined : { path, message }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
