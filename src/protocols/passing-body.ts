import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { EngineError } from '../engine/index.ts'

/** Large enough that what is done for every piece does not count, small enough for many uploads at once. */
const pieceBytes = 256 * 1024

/** Pieces that nobody fills. Used again, as fresh memory costs more than the copying. */
const idle: Buffer[] = []
const mostIdle = 16

/**
 * A large body in large pieces, each of which is overwritten once the next one is asked for. Node copies every
 * packet, and every record of TLS, into memory of its own outside the heap; left to the collector, uploads pile up
 * 64 MiB of it between one full collection and the next, and going through them one by one takes a third of an
 * upload's time.
 * @param idleMs how long the client may send nothing
 * @throws EngineError `timeout` when it sends nothing for that long, `invalid` when it breaks off
 */
export async function* passingBodyOf(request: IncomingMessage, idleMs: number): AsyncGenerator<Uint8Array> {
  const arrivals = gatherArrivals(request, idleMs)
  const piece = idle.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  try {
    while (await arrivals.some()) yield arrivals.take(piece)
  } finally {
    arrivals.stop()
    if (idle.length < mostIdle) idle.push(piece)
  }
}

interface Arrivals {
  /** Waits until there are bytes; false when there are none left. */
  some(): Promise<boolean>
  /** What is there, up to the size of the piece. */
  take(piece: Buffer): Uint8Array
  stop(): void
}

function gatherArrivals(request: IncomingMessage, idleMs: number): Arrivals {
  // An injected request brings the caller's own bytes.
  const owned = request.socket instanceof Socket
  const arrived: Uint8Array[] = []
  let bytes = 0
  let outcome: 'ended' | EngineError | undefined
  let wake = () => {}

  const onData = (chunk: Uint8Array) => {
    arrived.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= pieceBytes) request.pause()
    wake()
  }
  const settle = (found: 'ended' | EngineError) => {
    outcome ??= found
    wake()
  }
  const onEnd = () => settle('ended')
  const onBreak = (cause?: Error) => settle(new EngineError('invalid', 'the request broke off', { cause }))
  if (request.readableEnded) outcome = 'ended'
  else if (request.destroyed) onBreak()
  else request.on('data', onData).once('end', onEnd).once('error', onBreak).once('close', onBreak)

  return {
    async some() {
      if (bytes === 0 && outcome === undefined) await waking(idleMs)
      if (bytes > 0) return true
      if (outcome instanceof EngineError) throw outcome
      return false
    },
    take(piece) {
      let filled = 0
      for (;;) {
        const [chunk] = arrived
        if (chunk === undefined) break
        const part = chunk.subarray(0, piece.byteLength - filled)
        piece.set(part, filled)
        filled += part.byteLength
        if (part.byteLength < chunk.byteLength) {
          arrived[0] = chunk.subarray(part.byteLength)
          break
        }
        arrived.shift()
        if (owned) release(chunk)
      }
      bytes -= filled
      if (bytes < pieceBytes) request.resume()
      return piece.subarray(0, filled)
    },
    stop() {
      request.off('data', onData).off('end', onEnd).off('error', onBreak).off('close', onBreak)
      // What is left is left where it is, with a connection to answer on.
      if (outcome === undefined) request.pause()
    },
  }

  /** Until something arrives and, with it, all that arrives in the same turn of the event loop. */
  function waking(limit: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        wake = () => {}
        reject(new EngineError('timeout', `no bytes for ${limit} ms`))
      }, limit)
      wake = () => {
        wake = () => {}
        clearTimeout(timer)
        setImmediate(resolve)
      }
      request.resume()
    })
  }
}

function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
