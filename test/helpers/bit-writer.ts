/** Writes bits, the highest of a value first. */
export function createBitWriter() {
  const bits: number[] = []
  return {
    write(value: number, count: number) {
      for (let i = count - 1; i >= 0; i -= 1) bits.push(Math.floor(value / 2 ** i) & 1)
    },
    length: () => bits.length,
    insert(at: number, value: number, count: number) {
      const inserted = Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (count - 1 - i)) & 1)
      bits.splice(at, 0, ...inserted)
    },
    /** All bits as bytes, padded with zeros. */
    bytes(): number[] {
      const bytes: number[] = []
      for (let i = 0; i < bits.length; i += 8) {
        let byte = 0
        for (let j = 0; j < 8; j += 1) byte = byte * 2 + (bits[i + j] ?? 0)
        bytes.push(byte)
      }
      return bytes
    },
    clear() {
      bits.length = 0
    },
  }
}
