import type { Content } from '../../../engine/index.ts'
import { readDelivery } from './delivery.ts'
import { mergePackages, mostEntries, readStoredPackage } from './packages.ts'
import { list, object, text } from './readers.ts'
import { schedule } from './schedule.ts'
import { readStoredDelivery } from './stored-delivery.ts'

const readStored = object({
  flightPackages: list(readStoredPackage, mostEntries),
  packageDeliveryOptions: readStoredDelivery,
  ...schedule,
  notesForCertification: text(),
})

export type FlightDocument = ReturnType<typeof readStored>

/** @throws MicrosoftRefusal saying what is wrong with it */
export function flightDocument(content: Content): FlightDocument {
  return readStored(content, 'submission')
}

/**
 * What a flight's draft becomes by an update (microsoft-store.md 2.13).
 * @throws MicrosoftRefusal
 */
export function updateFlight(content: Content, body: unknown): Content {
  const { flightPackages } = flightDocument(content)
  const read = object({
    flightPackages: (value: unknown) => mergePackages(flightPackages, value),
    packageDeliveryOptions: readDelivery,
    ...schedule,
    notesForCertification: text(),
  })
  return { ...read(body, 'submission') }
}

export function blankFlight(): Content {
  return { ...flightDocument({}) }
}
