import type { FastifyInstance } from 'fastify'
import type { Draft, Operation, Package } from '../../../engine/index.ts'
import { addApk, apkOf, largeUploadBytes, removeApk, replaceApk, uploadBytes } from '../apks.ts'
import {
  type Api,
  bytesOf,
  type Call,
  change,
  fileNameOf,
  jsonOf,
  route,
  sendDeleted,
  sendRead,
  sendWritten,
} from '../call.ts'
import { documentOf } from '../document.ts'
import { dataAbsent, invalidInput, refusal, sendJson } from '../errors.ts'
import { requiredIfMatch, requireMatch, tagOf } from '../tags.ts'
import { putTargeting, readTargeting, toWireTargeting } from '../targeting.ts'
import { toWireApk } from '../wire.ts'

/** APKs and their targeting: operations 14 to 22 of amazon-appstore.md section 1. */
export function apkRoutes(app: FastifyInstance, api: Api): void {
  const { resources, settings } = api

  app.get(
    '/',
    route(api, async (call) => {
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      return sendJson(call.reply, documentOf(edit).apks.map(toWireApk))
    }),
  )

  app.get(
    '/:apkId',
    route(api, async (call) => {
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      const apk = apkOf(documentOf(edit), call.parts.apkId)
      return sendRead(call, tagOf(edit, resources.apk(apk.id)), () => toWireApk(apk))
    }),
  )

  app.post(
    '/upload',
    route(api, async (call) => {
      requireLength(call, uploadBytes)
      const name = fileNameOf(call)
      const { submission, result } = await call.engine.putPackage(call.actor, {
        ...call.edit,
        bytes: bytesOf(call),
        maxBytes: uploadBytes,
        fileName: packageFileName(name),
        admit: () => {},
        edit: (draft, pack) => {
          const { document, apk } = addApk(draft, pack, name, resources, settings.amazon)
          return { content: document, result: apk }
        },
      })
      return sendWritten(call, tagOf(submission, resources.apk(result.id)), toWireApk(result))
    }),
  )

  app.put(
    '/:apkId/replace',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      requireLength(call, uploadBytes)
      const name = fileNameOf(call)
      const { apkId } = call.parts
      const admit = ({ submission }: Draft) => {
        apkOf(documentOf(submission), apkId)
        requireMatch(condition, tagOf(submission, resources.apk(apkId)))
      }
      const { submission, result } = await call.engine.putPackage(call.actor, {
        ...call.edit,
        bytes: bytesOf(call),
        maxBytes: uploadBytes,
        fileName: packageFileName(name),
        admit,
        edit: (draft, pack) => {
          admit(draft)
          const { document, apk } = replaceApk(draft, apkId, pack, name, resources)
          return { content: document, result: apk }
        },
      })
      return sendWritten(call, tagOf(submission, resources.apk(apkId)), toWireApk(result))
    }),
  )

  app.delete(
    '/:apkId',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      const { apkId } = call.parts
      await change(
        call,
        condition,
        (edit) => [tagOf(edit, resources.apk(apkOf(documentOf(edit), apkId).id))],
        (document) => ({ document: removeApk(document, apkId, resources), result: undefined }),
      )
      return sendDeleted(call)
    }),
  )

  app.post(
    '/large/upload',
    route(api, async (call) => {
      requireLength(call, largeUploadBytes)
      const { id } = await call.engine.sendAhead(call.actor, {
        ...call.edit,
        bytes: bytesOf(call),
        maxBytes: largeUploadBytes,
        fileName: packageFileName(fileNameOf(call)),
      })
      // Clients post this very text to attach (amazon-appstore.md 7-31).
      return sendJson(call.reply, { fileId: id })
    }),
  )

  app.post(
    '/attach',
    route(api, async (call) => {
      const { fileId } = await jsonOf(call)
      if (fileId === undefined || fileId === null) throw dataAbsent('fileId is required')
      if (typeof fileId !== 'string') throw invalidInput('fileId must be a string')
      const readyAt = (operation: Operation) => operation.createdAt + settings.amazon.largeMs
      const { submission, result } = await call.engine.attachPackage(call.actor, {
        ...call.edit,
        operationId: fileId,
        edit: (draft, { operation, pack }) => {
          if (call.engine.now() < readyAt(operation)) throw notReady()
          const { document, apk } = addApk(
            draft,
            processed(operation, pack),
            undefined,
            resources,
            settings.amazon,
          )
          return { content: document, result: apk }
        },
      })
      return sendWritten(call, tagOf(submission, resources.apk(result.id)), toWireApk(result))
    }),
  )

  app.get(
    '/:apkId/targeting',
    route(api, async (call) => {
      const { submission, packages } = await call.engine.readSubmission(call.actor, call.edit)
      const document = documentOf(submission)
      const apk = apkOf(document, call.parts.apkId)
      return sendRead(call, tagOf(submission, resources.targeting(apk.id)), () =>
        toWireTargeting(document, apk, packages),
      )
    }),
  )

  app.put(
    '/:apkId/targeting',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      const wish = readTargeting(await jsonOf(call))
      const { apkId } = call.parts
      const resource = resources.targeting(apkId)
      const { submission, result } = await call.engine.editSubmission(call.actor, {
        ...call.edit,
        action: 'update',
        edit: (edit, packages) => {
          const apk = apkOf(documentOf(edit), apkId)
          requireMatch(condition, tagOf(edit, resource))
          const document = putTargeting(documentOf(edit), resources, apk, packages, wish)
          return { content: document, result: toWireTargeting(document, apk, packages) }
        },
      })
      return sendWritten(call, tagOf(submission, resource), result)
    }),
  )
}

/** Says at once that a body is too long, where its length is known; others are cut off when they are. */
function requireLength({ request }: Call, most: number): void {
  const length = Number(request.headers['content-length'])
  if (length > most) throw refusal(413, 'invalid_input', `The file is larger than ${most} bytes`)
}

/** Whatever the client calls it, it is to be read as an APK. */
function packageFileName(name: string | undefined): string {
  if (name === undefined) return 'app.apk'
  return name.toLowerCase().endsWith('.apk') ? name : `${name}.apk`
}

/** @throws AmazonRefusal while the package is being processed, and when that failed */
function processed(operation: Operation, pack: Package): Package {
  if (operation.status === 'in_progress') throw notReady()
  if (pack.inspectedAt === null) {
    throw refusal(400, 'error_invalid_asset_id', 'The file could not be processed. Upload it again.')
  }
  return pack
}

function notReady(): Error {
  return refusal(400, 'asset_not_ready', 'The file is still being processed. Try again later.')
}
