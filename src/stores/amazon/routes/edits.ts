import type { FastifyInstance } from 'fastify'
import { EngineError, type Finding, type Submission } from '../../../engine/index.ts'
import { type Api, type Call, route, sendDeleted, sendRead, sendWritten } from '../call.ts'
import { AmazonRefusal, refusal, sendJson, stale } from '../errors.ts'
import { toWireFinding } from '../findings.ts'
import { editTagOf, requiredIfMatch, requireMatch } from '../tags.ts'
import { toWireCommitment, toWireEdit } from '../wire.ts'

/** The service's own words, spelled as it spells them (amazon-appstore.md 3.1). */
const notNow = "Cannot create a new 'edit' for the app in it's current state."

/** The edits of an app: operations 1 to 7 of amazon-appstore.md section 1. */
export function editRoutes(app: FastifyInstance, api: Api): void {
  const { amazon } = api.settings
  const tag = (edit: Submission) => editTagOf(edit, amazon)

  app.get(
    '/',
    route(api, async (call) => {
      const { pending } = await call.engine.describeProduct(call.actor, call.app)
      if (!pending) return sendJson(call.reply, {})
      return sendRead(call, tag(pending), () => toWireEdit(pending))
    }),
  )

  app.post(
    '/',
    route(api, async (call) => {
      const edit = await create(call)
      return sendWritten(call, tag(edit), toWireEdit(edit))
    }),
  )

  app.get(
    '/previous',
    route(api, async (call) => {
      const { pending, live } = await call.engine.describeProduct(call.actor, call.app)
      if (!pending || !live) return sendJson(call.reply, {})
      return sendRead(call, tag(live), () => toWireEdit(live))
    }),
  )

  app.get(
    '/:editId',
    route(api, async (call) => {
      const edit = await call.engine.findSubmission(call.actor, call.edit)
      return sendRead(call, tag(edit), () => toWireEdit(edit))
    }),
  )

  app.delete(
    '/:editId',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      await call.engine.actOnSubmission(call.actor, {
        ...call.edit,
        action: 'delete',
        unless: (edit) => requireMatch(condition, tag(edit)),
      })
      return sendDeleted(call)
    }),
  )

  app.post(
    '/:editId/validate',
    route(api, async (call) => {
      const { submission, sound, findings } = await call.engine.validateSubmission(call.actor, call.edit)
      if (!sound) throw failures(findings)
      return sendWritten(call, tag(submission), toWireEdit(submission))
    }),
  )

  app.post(
    '/:editId/commit',
    route(api, async (call) => {
      const condition = requiredIfMatch(call.request.headers['if-match'])
      const { submission, refused } = await call.engine.commitSubmission(call.actor, {
        ...call.edit,
        unless: (edit) => requireMatch(condition, tag(edit)),
      })
      if (refused) throw failures(refused)
      return sendWritten(call, tag(submission), toWireCommitment(submission))
    }),
  )
}

/** A new edit; the status of most refusals is not known (amazon-appstore.md 5.2). */
async function create({ engine, actor, app, settings }: Call): Promise<Submission> {
  try {
    return await engine.createSubmission(actor, app, {
      unless: ({ live }) => {
        if (!live) throw refusal(409, 'invalid_state', notNow)
      },
    })
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.code === 'conflict') {
      throw refusal(
        settings.amazon.createWhileOpen,
        'edit_already_exists',
        'An edit is open already for the app.',
      )
    }
    if (error.code === 'wrong_state') throw refusal(412, stale, notNow)
    throw error
  }
}

/** 403 with every failure (amazon-appstore.md 3.4). */
function failures(findings: readonly Finding[]): AmazonRefusal {
  return new AmazonRefusal(403, findings.filter(({ severity }) => severity === 'error').map(toWireFinding))
}
