import { type Availability, blankDocument, type EditDocument, touched } from './document.ts'
import { dataAbsent, invalidInput } from './errors.ts'
import type { JsonObject } from './json-body.ts'
import type { Resources } from './tags.ts'
import { momentOf, readZone } from './time-zones.ts'

/** `YYYY-MM-DDThh:mm:ss`, with a fraction or without (amazon-appstore.md 2.8). */
const dateTimePattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?$/

/**
 * The release date a client puts; nulls, or no date at all, mean as soon as it is approved.
 * @param now milliseconds since 1970; a date before it is refused (INFERRED in amazon-appstore.md 2.8)
 * @throws AmazonRefusal 400
 */
export function readAvailability(body: JsonObject, now: number): Availability {
  const date = body.publishingDate ?? {}
  if (typeof date !== 'object' || Array.isArray(date)) throw invalidInput('publishingDate must be an object')
  const { dateTime = null, zoneId = null } = date as JsonObject
  if (dateTime === null) return blankDocument.availability
  if (zoneId === null) throw dataAbsent('zoneId is required with a dateTime')
  if (typeof dateTime !== 'string' || localTimeOf(dateTime) === undefined) {
    throw invalidInput(`Invalid dateTime ${String(dateTime)}: it must be YYYY-MM-DDThh:mm:ss.s`)
  }
  if (typeof zoneId !== 'string' || readZone(zoneId) === undefined) {
    throw invalidInput(`Invalid zoneId ${String(zoneId)}`)
  }
  const availability = { dateTime, zoneId }
  if ((releaseMoment(availability) ?? 0) < now) throw invalidInput('The publishingDate is in the past')
  return availability
}

/** When it may be released at the earliest, milliseconds since 1970; null for at once. */
export function releaseMoment({ dateTime, zoneId }: Availability): number | null {
  const local = localTimeOf(dateTime ?? '')
  const zone = readZone(zoneId ?? '')
  return local === undefined || zone === undefined ? null : momentOf(local, zone)
}

/** A local time as if it were UTC; undefined for what is no date. */
function localTimeOf(dateTime: string): number | undefined {
  const [, whole, fraction = ''] = dateTimePattern.exec(dateTime) ?? []
  if (whole === undefined) return undefined
  const time = Date.parse(`${whole}Z`)
  // The parser of dates makes the 2nd of March of the 30th of February.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(whole)) return undefined
  return time + Number(fraction.padEnd(3, '0').slice(0, 3))
}

export function putAvailability(
  document: EditDocument,
  resources: Resources,
  availability: Availability,
): EditDocument {
  return touched({ ...document, availability }, resources.availability)
}

/** Whether it is two nulls, or a date with its zone. */
export function readAvailabilityShape(value: unknown): boolean {
  const { dateTime, zoneId } = (value ?? {}) as Partial<Availability>
  if (dateTime === null && zoneId === null) return true
  if (typeof dateTime !== 'string' || typeof zoneId !== 'string') return false
  return releaseMoment({ dateTime, zoneId }) !== null
}
