const scratch = new Uint32Array(16384)
const scratchBytes = new Uint8Array(scratch.buffer)

/**
 * The checksum of CFDATA ([MS-CAB] 3.1, microsoft-hardware.md 8.1): the XOR of little-endian words, the last one
 * to three bytes folded in the other way round.
 */
export function cabChecksum(bytes: Uint8Array, seed: number): number {
  const words = bytes.length >>> 2
  // Copied to an aligned place first: a word at a time is several times faster than a byte at a time.
  scratchBytes.set(bytes.subarray(0, words * 4))
  let sum = seed
  for (let i = 0; i < words; i += 1) sum ^= scratch[i] ?? 0
  let rest = 0
  for (let i = words * 4; i < bytes.length; i += 1) rest = (rest << 8) | (bytes[i] ?? 0)
  return (sum ^ rest) >>> 0
}
