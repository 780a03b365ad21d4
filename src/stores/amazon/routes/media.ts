import type { FastifyInstance } from 'fastify'
import type { Draft } from '../../../engine/index.ts'
import { type Api, bytesOf, type Call, change, route, sendDeleted, sendRead, sendWritten } from '../call.ts'
import { type Asset, documentOf } from '../document.ts'
import { invalidInput } from '../errors.ts'
import { imageTypeOf, requireFit } from '../image-types.ts'
import { languageOf } from '../listings.ts'
import {
  addAsset,
  clearShelf,
  imageBytes,
  imageShelf,
  removeAsset,
  type Shelf,
  videoBytes,
  videoShelf,
} from '../media.ts'
import { examined, isVideo, readImage } from '../read-media.ts'
import { requiredIfMatch, requireMatch, tagOf } from '../tags.ts'
import { toWireAsset } from '../wire.ts'

/** Images and videos: operations 23 to 30 of amazon-appstore.md section 1. */
export function mediaRoutes(app: FastifyInstance, api: Api): void {
  const videos = ({ parts }: Call) => videoShelf(api.resources, languageOf(parts.language))
  const images = ({ parts }: Call) => imageShelf(api.resources, languageOf(parts.language), parts.imageType)

  app.get(
    '/videos',
    route(api, (call) => list(call, videos(call), 'videos')),
  )
  // One is how the service has it, the other how its documentation does (amazon-appstore.md 7-32).
  for (const path of ['/videos', '/videos/upload']) {
    app.post(
      path,
      route(api, async (call) => {
        const asset = await upload(call, videos(call), videoBytes, (head) => {
          if (!isVideo(head)) throw invalidInput('The file is no MPEG, WMV, MOV, FLV, AVI or MP4 video')
        })
        return asset('video')
      }),
    )
  }
  app.delete(
    '/videos',
    route(api, (call) => clear(call, videos(call))),
  )
  app.delete(
    '/videos/:assetId',
    route(api, (call) => remove(call, videos(call))),
  )

  app.get(
    '/:imageType',
    route(api, (call) => list(call, images(call), 'images')),
  )
  app.post(
    '/:imageType/upload',
    route(api, async (call) => {
      const { imageType } = call.parts
      imageTypeOf(imageType)
      const asset = await upload(call, images(call), imageBytes, (head) =>
        requireFit(imageType, readImage(head)),
      )
      return asset('image')
    }),
  )
  app.delete(
    '/:imageType',
    route(api, (call) => clear(call, images(call))),
  )
  app.delete(
    '/:imageType/:assetId',
    route(api, (call) => remove(call, images(call))),
  )
}

async function list(call: Call, shelf: Shelf, name: string) {
  const edit = await call.engine.findSubmission(call.actor, call.edit)
  return sendRead(call, tagOf(edit, shelf.resource), () => ({
    [name]: shelf.of(documentOf(edit)).map(toWireAsset),
  }))
}

/** Takes the bytes if they are what they should be, and adds them; returns what answers. */
async function upload(call: Call, shelf: Shelf, maxBytes: number, examine: (head: Uint8Array) => void) {
  const condition = requiredIfMatch(call.request.headers['if-match'])
  const admit = ({ submission }: Draft) => requireMatch(condition, tagOf(submission, shelf.resource))
  const { submission, result } = await call.engine.putFile<Asset>(call.actor, {
    ...call.edit,
    bytes: examined(bytesOf(call), examine),
    maxBytes,
    admit,
    edit: (draft, file) => {
      admit(draft)
      const { document, asset } = addAsset(draft.submission, shelf, file)
      return { content: document, result: asset }
    },
  })
  return (name: string) =>
    sendWritten(call, tagOf(submission, shelf.resource), { [name]: toWireAsset(result) })
}

async function remove(call: Call, shelf: Shelf) {
  const condition = requiredIfMatch(call.request.headers['if-match'])
  const { assetId } = call.parts
  const { submission } = await change(
    call,
    condition,
    (edit) => [tagOf(edit, shelf.resource)],
    (document) => ({ document: removeAsset(document, shelf, assetId), result: undefined }),
  )
  return sendDeleted(call, tagOf(submission, shelf.resource))
}

async function clear(call: Call, shelf: Shelf) {
  const condition = requiredIfMatch(call.request.headers['if-match'])
  const { submission } = await change(
    call,
    condition,
    (edit) => [tagOf(edit, shelf.resource)],
    (document) => ({ document: clearShelf(document, shelf), result: undefined }),
  )
  return sendDeleted(call, tagOf(submission, shelf.resource))
}
