import { type Engine, EngineError } from '../engine/index.ts'
import { actorOf } from './auth.ts'
import { eventStream } from './event-stream.ts'
import { output, stream, text } from './json-schema.ts'
import { type Api, operation } from './operation.ts'
import { page } from './page.ts'
import { EventPage, EventQuery, EventStreamQuery } from './schema.ts'
import { toWireEvent } from './wire.ts'

/** Each holds a connection and a listener; a client needs one. */
const maxStreams = 256

const Resumption = output(
  {},
  {},
  { 'last-event-id': text({ description: 'The `id` of the last event that arrived; wins over `after`.' }) },
)

export function events(api: Api, engine: Engine): void {
  api.get(
    '/events',
    operation(
      { id: 'listEvents', tag: 'Events', summary: 'List what happened in the account' },
      { querystring: EventQuery, response: { 200: EventPage } },
    ),
    async (request) => {
      const { after = 0, limit, ...filter } = request.query
      return page(
        limit,
        (size) => engine.listEvents(actorOf(request), { after, limit: size, ...filter }),
        (event) => String(event.seq),
        toWireEvent,
      )
    },
  )

  const closing = new AbortController()
  api.addHook('preClose', async () => closing.abort())
  let streams = 0

  api.get(
    '/events/stream',
    {
      ...operation(
        {
          id: 'streamEvents',
          tag: 'Events',
          summary: 'Follow what happens in the account',
          description:
            'Server-sent events: first those after the given position, then each as it happens. `id` is the position, `event` the type, `data` the event as JSON. A comment is sent when nothing happens for 15 seconds. The stream ends when the credential does.',
          errors: ['rate_limited'],
          headers: { 'Cache-Control': 'Always `no-cache`.' },
          produces: 'text/event-stream',
        },
        {
          querystring: EventStreamQuery,
          headers: Resumption,
          response: { 200: stream({ description: 'A stream of events.' }) },
        },
      ),
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      if (streams >= maxStreams) {
        throw new EngineError('rate_limited', `${maxStreams} streams are open; close one, or list the events`)
      }
      const { after = 0, ...filter } = request.query
      const position = { after: resumeAfter(request.headers['last-event-id']) ?? after, ...filter }
      const live = eventStream({ engine, actor: actorOf(request), position, closing: closing.signal })
      streams += 1
      live.once('close', () => {
        streams -= 1
      })
      reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-cache')
      // Proxies would hold events back; and a server that is stopping need not wait for the connection's next use.
      reply.header('x-accel-buffering', 'no').header('connection', 'close')
      return reply.send(live)
    },
  )
}

function resumeAfter(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined
  if (!/^\d{1,15}$/.test(lastEventId)) {
    throw new EngineError('invalid', 'Last-Event-ID must be the id of an event of this stream', {
      target: 'last-event-id',
    })
  }
  return Number(lastEventId)
}
