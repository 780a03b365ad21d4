import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { EngineError } from '../engine/index.ts'

/** Large enough that what is done for every piece does not count, small enough for many uploads at once. */
export const pieceBytes = 512 * 1024

/** Pieces that nobody fills. Used again, as fresh memory costs more than the copying. */
const idle: Buffer[] = []
const mostIdle = 16

/**
 * A large body in large pieces, each of which is overwritten once the next one is asked for. Node copies every
 * packet, and every record of TLS, into memory of its own outside the heap; left to the collector, uploads pile up
 * 64 MiB of it between one full collection and the next, and going through them one by one takes a third of an
 * upload's time.
 * @param idleMs how long the client may send nothing
 * @param leastBytes what is waited for before a piece is handed out, unless it is the last; at most `pieceBytes`
 * @throws EngineError `timeout` when it sends nothing for that long, `invalid` when it breaks off
 */
export async function* passingBodyOf(
  request: IncomingMessage,
  idleMs: number,
  leastBytes = 1,
): AsyncGenerator<Uint8Array> {
  const arrivals = gatherArrivals(request, idleMs, leastBytes)
  try {
    while (await arrivals.some()) yield arrivals.take()
  } finally {
    arrivals.stop()
  }
}

interface Arrivals {
  /** Waits until there are bytes enough; false when there are none left. */
  some(): Promise<boolean>
  /** What is there, up to the size of a piece; good until the next take. */
  take(): Uint8Array
  stop(): void
}

function gatherArrivals(request: IncomingMessage, idleMs: number, leastBytes: number): Arrivals {
  // An injected request brings the caller's own bytes.
  const owned = request.socket instanceof Socket
  let filling = takePiece()
  let taken = takePiece()
  let filled = 0
  /** What did not fit whole, and from where on. */
  let rest: { chunk: Uint8Array; from: number } | undefined
  let outcome: 'ended' | EngineError | undefined
  let timer: NodeJS.Timeout | undefined
  let wake = () => {}

  const isDue = () => filled >= leastBytes || outcome !== undefined
  /** Copies at once, while the packet is at hand and before another one needs its memory. */
  const gather = (chunk: Uint8Array, from: number) => {
    const part = chunk.subarray(from, from + pieceBytes - filled)
    const to = from + part.byteLength
    filling.set(part, filled)
    filled += part.byteLength
    rest = to < chunk.byteLength ? { chunk, from: to } : undefined
    if (!rest && owned) release(chunk)
    if (filled === pieceBytes) request.pause()
  }
  const onData = (chunk: Uint8Array) => {
    gather(chunk, 0)
    timer?.refresh()
    if (isDue()) wake()
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
      if (!isDue()) await waking(idleMs)
      if (filled > 0 && isDue()) return true
      if (outcome instanceof EngineError) throw outcome
      return false
    },
    take() {
      const piece = filling.subarray(0, filled)
      ;[filling, taken] = [taken, filling]
      filled = 0
      if (rest) gather(rest.chunk, rest.from)
      if (filled < pieceBytes) request.resume()
      return piece
    },
    stop() {
      request.off('data', onData).off('end', onEnd).off('error', onBreak).off('close', onBreak)
      // What is left is left where it is, with a connection to answer on.
      if (outcome === undefined) request.pause()
      returnPiece(filling)
      returnPiece(taken)
    },
  }

  /** Until enough has arrived and, with it, all that arrives in the same turn of the event loop. */
  function waking(limit: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(timer)
        timer = undefined
        wake = () => {}
        done()
      }
      timer = setTimeout(
        () => settle(() => reject(new EngineError('timeout', `no bytes for ${limit} ms`))),
        limit,
      )
      wake = () => settle(() => setImmediate(resolve))
      request.resume()
    })
  }
}

function takePiece(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
}

function returnPiece(piece: Buffer): void {
  if (idle.length < mostIdle) idle.push(piece)
}

function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
