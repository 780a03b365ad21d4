import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { type Actor, type Engine, EngineError, type Event } from '../engine/index.ts'
import { toWireEvent } from './wire.ts'

interface Options {
  readonly engine: Pick<Engine, 'watchEvents' | 'resume'>
  readonly actor: Actor
  readonly position: { readonly after: number; readonly productId?: string; readonly submissionId?: string }
  /** Ends the stream: the server is closing. */
  readonly closing: AbortSignal
  readonly heartbeatMs?: number
}

/**
 * An account's events as server-sent events (HTML Living Standard 9.2), from a position on, until the reader
 * goes, the server closes or the credential is no longer good. It waits for a slow reader.
 */
export function eventStream({ engine, actor, position, closing, heartbeatMs = 15_000 }: Options): Readable {
  const stream = new PassThrough()
  const stop = new AbortController()
  const end = () => stop.abort()

  async function beat(): Promise<void> {
    await engine.resume(actor.credentialId)
    if (!stream.writableNeedDrain && stream.writable) stream.write(':\n\n')
  }

  async function pump(): Promise<void> {
    for await (const event of engine.watchEvents(actor, position, stop.signal)) {
      if (stop.signal.aborted) return
      if (!stream.write(frame(event))) await once(stream, 'drain', { signal: stop.signal })
      if (event.type === 'credential.revoked') await engine.resume(actor.credentialId)
    }
  }

  const heartbeat = setInterval(() => beat().catch(end), heartbeatMs)
  closing.addEventListener('abort', end)
  stream.once('close', () => {
    clearInterval(heartbeat)
    closing.removeEventListener('abort', end)
    end()
  })
  // Sent at once, so that the reader knows the stream is open before anything happens.
  stream.write('retry: 1000\n\n')
  pump().then(
    () => stream.end(),
    (error: unknown) => {
      if (stop.signal.aborted || error instanceof EngineError) stream.end()
      else stream.destroy(error as Error)
    },
  )
  return stream
}

function frame(event: Event): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(toWireEvent(event))}\n\n`
}
