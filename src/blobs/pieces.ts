import { BlobTooLarge } from './blob-store.ts'

/** What a piece begins with; most uploads need no more. */
const leastRoom = 64 * 1024

/**
 * Gathers a stream into pieces of one size; the last one is smaller. Each has memory of its own, and none is empty.
 * @throws BlobTooLarge as soon as more than `maxBytes` came
 */
export async function* piecesOf(
  source: AsyncIterable<Uint8Array>,
  pieceBytes: number,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let piece = Buffer.alloc(0)
  let filled = 0
  let size = 0
  for await (const chunk of source) {
    size += chunk.byteLength
    if (size > maxBytes) throw new BlobTooLarge(`more than ${maxBytes} bytes`)
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + pieceBytes - filled)
      piece = withRoom(piece, filled, filled + part.byteLength, pieceBytes)
      piece.set(part, filled)
      filled += part.byteLength
      at += part.byteLength
      if (filled < pieceBytes) continue
      yield piece
      piece = Buffer.alloc(0)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

/** The piece itself where it has the room, or a larger one with the same beginning. */
function withRoom(piece: Buffer<ArrayBuffer>, filled: number, needed: number, most: number) {
  if (needed <= piece.length) return piece
  const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(needed, piece.length * 2, leastRoom)))
  piece.copy(larger, 0, 0, filled)
  return larger
}
