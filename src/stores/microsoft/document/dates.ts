import { refusals } from '../refusals.ts'
import type { Reader } from './readers.ts'

/** FILETIME zero: how the service writes "no date" (microsoft-store.md 7-36). */
export const noDate = '1601-01-01T00:00:00.0000000Z'

const pattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * A date with any number of fraction digits, in UTC or with an offset; written in UTC with seven
 * (microsoft-store.md 7-35). Nothing and the empty text are {@link noDate}.
 */
export const date: Reader<string> = (value, name) => {
  if (value === undefined || value === null || value === '') return noDate
  const match = typeof value === 'string' ? pattern.exec(value.trim()) : null
  const [, day, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match ?? []
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`
  const time = Date.parse(`${day}T${minutes}:${seconds}${offset}`)
  if (Number.isNaN(time)) throw refusals.invalid(name, `'${String(value).slice(0, 100)}' is not a valid date`)
  return `${new Date(time).toISOString().slice(0, 19)}.${fraction.padEnd(7, '0').slice(0, 7)}Z`
}

/** ISO 8601 in UTC with seven fraction digits. */
export function toWireTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '0000Z')
}

export function isNoDate(text: string): boolean {
  return text.startsWith('1601-01-01')
}
