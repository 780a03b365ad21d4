import { date, isNoDate } from './dates.ts'
import { choice } from './readers.ts'

/** When a submission is released once it is certified; members of all three kinds of submissions. */
export const schedule = {
  targetPublishMode: choice(['Immediate', 'Manual', 'SpecificDate'], 'Immediate'),
  targetPublishDate: date,
} as const

/** A `SpecificDate` without a date holds nothing up (INFERRED). */
export function heldUntil({
  targetPublishMode: mode,
  targetPublishDate: day,
}: {
  readonly [member: string]: unknown
}): number | 'manual' | null {
  if (mode === 'Manual') return 'manual'
  if (mode !== 'SpecificDate' || typeof day !== 'string' || isNoDate(day)) return null
  return Date.parse(day)
}
