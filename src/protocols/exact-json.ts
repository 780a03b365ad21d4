/**
 * JSON whose integers are exact beyond 2^53, where a JS number is not: the hardware store's ids are such numbers
 * (microsoft-hardware.md behaviours 1 and 2). Large integers are read as {@link ExactInteger}, a plain object, so that
 * what a client sent can be stored and compared as JSON, and are written as bare numbers again.
 */

const mark = '\u0000integer'

/** An integer outside of ±(2^53 − 1), by its digits. */
export interface ExactInteger {
  readonly [mark]: string
}

interface Exact {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): object
}

const exact = JSON as unknown as Exact
const integer = /^-?(?:0|[1-9]\d{0,99})$/

/** @throws SyntaxError */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    return source !== undefined && integer.test(source) ? { [mark]: source } : value
  })
}

/** Writes {@link ExactInteger}, {@link bareInteger} and bigints as bare numbers. */
export function writeExact(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return exact.rawJSON(each.toString())
    const digits = digitsOfExact(each)
    return digits === undefined ? each : exact.rawJSON(digits)
  })
}

/** An integer to be written bare, from its decimal digits; zeros in front are dropped. */
export function bareInteger(digits: string): unknown {
  return exact.rawJSON(BigInt(digits).toString())
}

/** The decimal digits of an integer that was read, however large; undefined for anything else. */
export function digitsOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  return digitsOfExact(value)
}

function digitsOfExact(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(mark in value)) return undefined
  const digits: unknown = (value as { readonly [mark]: unknown })[mark]
  return typeof digits === 'string' && integer.test(digits) ? digits : undefined
}
