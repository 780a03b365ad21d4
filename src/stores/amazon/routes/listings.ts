import type { FastifyInstance } from 'fastify'
import { putAvailability, readAvailability } from '../availability.ts'
import { type Api, change, jsonOf, route, sendDeleted, sendRead, sendWritten } from '../call.ts'
import { putDetails, readDetails } from '../details.ts'
import { documentOf } from '../document.ts'
import { languageOf, listingOf, putListing, readListing, removeListing } from '../listings.ts'
import { listTagOf, requiredIfMatch, tagOf } from '../tags.ts'
import { toWireAvailability, toWireListing } from '../wire.ts'

/** Listings, details and availability: operations 8 to 13, 31 and 32 of amazon-appstore.md section 1. */
export function listingRoutes(app: FastifyInstance, api: Api): void {
  const { resources, settings } = api

  app.get(
    '/listings',
    route(api, async (call) => {
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      return sendRead(call, listTagOf(edit), () => {
        const listings = Object.entries(documentOf(edit).listings)
        return {
          listings: Object.fromEntries(
            listings.map(([language, listing]) => [language, toWireListing(language, listing)]),
          ),
        }
      })
    }),
  )

  app.get(
    '/listings/:language',
    route(api, async (call) => {
      const language = languageOf(call.parts.language)
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      return sendRead(call, tagOf(edit, resources.listing(language)), () =>
        toWireListing(language, listingOf(documentOf(edit), language)),
      )
    }),
  )

  app.put(
    '/listings/:language',
    route(api, async (call) => {
      const language = languageOf(call.parts.language)
      const condition = requiredIfMatch(call.request.headers['if-match'])
      const listing = readListing(await jsonOf(call))
      const resource = resources.listing(language)
      const { submission } = await change(
        call,
        condition,
        // A client sends the tag of the list for each of its listings (amazon-appstore.md 7-8).
        (edit) => [tagOf(edit, resource), ...(settings.amazon.listTag === 'accept' ? [listTagOf(edit)] : [])],
        (document) => ({ document: putListing(document, resources, language, listing), result: undefined }),
      )
      return sendWritten(call, tagOf(submission, resource), toWireListing(language, listing))
    }),
  )

  app.delete(
    '/listings/:language',
    route(api, async (call) => {
      const language = languageOf(call.parts.language)
      const condition = requiredIfMatch(call.request.headers['if-match'])
      await change(
        call,
        condition,
        (edit) => [tagOf(edit, resources.listing(language))],
        (document) => ({ document: removeListing(document, resources, language), result: undefined }),
      )
      return sendDeleted(call)
    }),
  )

  app.get(
    '/details',
    route(api, async (call) => {
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      return sendRead(call, tagOf(edit, resources.details), () => documentOf(edit).details)
    }),
  )

  app.put(
    '/details',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      const details = readDetails(await jsonOf(call))
      const { submission } = await change(
        call,
        condition,
        (edit) => [tagOf(edit, resources.details)],
        (document) => ({ document: putDetails(document, resources, details), result: undefined }),
      )
      return sendWritten(call, tagOf(submission, resources.details), documentOf(submission).details)
    }),
  )

  app.get(
    '/availability',
    route(api, async (call) => {
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      return sendRead(call, tagOf(edit, resources.availability), () =>
        toWireAvailability(documentOf(edit).availability),
      )
    }),
  )

  app.put(
    '/availability',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      const availability = readAvailability(await jsonOf(call), call.engine.now())
      const { submission } = await change(
        call,
        condition,
        (edit) => [tagOf(edit, resources.availability)],
        (document) => ({ document: putAvailability(document, resources, availability), result: undefined }),
      )
      return sendWritten(call, tagOf(submission, resources.availability), toWireAvailability(availability))
    }),
  )
}
