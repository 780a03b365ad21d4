import type { IncomingMessage } from 'node:http'
import { EngineError } from '../engine/index.ts'

/**
 * A request's bytes as they arrive. Whoever reads them decides how many are too many.
 * @param idleMs how long the client may send nothing
 * @throws EngineError `timeout` when it sends nothing for that long, `invalid` when it breaks off
 */
export async function* bodyOf(request: IncomingMessage, idleMs: number): AsyncGenerator<Uint8Array> {
  // The request is left open on an early end, so that there is still a connection to answer on.
  const chunks = request.iterator({ destroyOnReturn: false })
  let giveUp: (error: EngineError) => void = () => {}
  const timer = setTimeout(() => giveUp(new EngineError('timeout', `no bytes for ${idleMs} ms`)), idleMs)
  // Not a race against one long promise: that would hold on to every chunk until the last one.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      giveUp = reject
      timer.refresh()
      chunks.next().then(resolve, reject)
    })
  try {
    for (;;) {
      const { done, value } = await next()
      if (done) return
      yield value
    }
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('invalid', 'the request broke off', { cause })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A small body as a whole.
 * @throws EngineError `too_large` beyond `maxBytes`, and as {@link bodyOf}
 */
export async function readBody(request: IncomingMessage, maxBytes: number, idleMs: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyOf(request, idleMs)) {
    size += chunk.byteLength
    if (size > maxBytes) throw new EngineError('too_large', `the body is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
