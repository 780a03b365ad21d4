import type { Track } from '../../engine/index.ts'
import { list, object, optional, text } from './document/readers.ts'
import { refusals } from './refusals.ts'

/** What everybody outside all flights gets: the bottom of the ranks (microsoft-store.md 1.4). */
export const nonFlighted = 'Non-flighted submission'

/** What is stored with a flight. */
export interface FlightData {
  readonly groupIds: readonly string[]
  /** The flight it was put above, or {@link nonFlighted}; null put it on top. */
  readonly rankHigherThan: string | null
}

/** Group ids are numbers in the documented request and texts in the reply. */
const readFlight = object({
  friendlyName: text(255),
  groupIds: list(text(64), 100),
  rankHigherThan: optional(text(255)),
})

export type FlightWish = ReturnType<typeof readFlight>

/** @throws MicrosoftRefusal */
export function flightWish(body: unknown): FlightWish {
  return readFlight(body ?? {}, 'flight')
}

/**
 * What is stored of a wish: the flight to outrank, which is named by its id or its friendly name.
 * @throws MicrosoftRefusal when there is no such flight
 */
export function flightData({ groupIds, rankHigherThan }: FlightWish, others: readonly Track[]): FlightData {
  if (rankHigherThan === undefined || rankHigherThan === '') return { groupIds, rankHigherThan: null }
  if (rankHigherThan.toLowerCase() === nonFlighted.toLowerCase()) {
    return { groupIds, rankHigherThan: nonFlighted }
  }
  const below = others.find(({ id, name }) => id === rankHigherThan.toLowerCase() || name === rankHigherThan)
  if (!below) throw refusals.invalid('rankHigherThan', `There is no flight '${rankHigherThan}'`)
  return { groupIds, rankHigherThan: below.id }
}

/** Which each flight outranks now: the next one down, or what is published without flights. */
export function ranks(flights: readonly Pick<Track, 'id' | 'data'>[]): ReadonlyMap<string, string> {
  const fromBottom: string[] = []
  for (const { id, data } of flights) {
    const { rankHigherThan = null } = data as Partial<FlightData>
    const below = rankHigherThan === null ? -1 : fromBottom.indexOf(rankHigherThan)
    if (rankHigherThan === nonFlighted) fromBottom.unshift(id)
    else if (below < 0) fromBottom.push(id)
    else fromBottom.splice(below + 1, 0, id)
  }
  return new Map(fromBottom.map((id, position) => [id, fromBottom[position - 1] ?? nonFlighted]))
}
