const callInstruction = 0xe8
const untouchedTail = 10
const framesTranslated = 32768

/**
 * Undoes the translation of x86 CALL targets, in place: the compressor stored absolute targets, which repeat more
 * often, where programs have distances (Microsoft LZX Data Compression Format, "E8 call translation").
 * @param position of the frame in the unpacked folder.
 * @param fileSize the size the compressor assumed, from the head of the stream.
 */
export function translateCalls(frame: Uint8Array, position: number, fileSize: number): Uint8Array {
  if (frame.length <= untouchedTail || position >= framesTranslated * 32768) return frame
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const end = frame.length - untouchedTail
  for (
    let at = frame.indexOf(callInstruction);
    at >= 0 && at < end;
    at = frame.indexOf(callInstruction, at + 5)
  ) {
    const target = view.getInt32(at + 1, true)
    const current = position + at
    if (target >= -current && target < fileSize) {
      view.setInt32(at + 1, target >= 0 ? target - current : target + fileSize, true)
    }
  }
  return frame
}
