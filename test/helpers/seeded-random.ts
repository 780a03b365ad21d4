import type { Random } from '../../src/engine/random.ts'

/** The same bytes for the same seed (xorshift32); good for tests and nothing else. */
export function seededRandom(seed = 1): Random & { below(bound: number): number } {
  let state = seed | 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  return {
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let index = 0; index < length; index++) bytes[index] = next() & 0xff
      return bytes
    },
    below: (bound) => next() % bound,
  }
}
