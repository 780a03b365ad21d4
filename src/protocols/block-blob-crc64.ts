/** Azure Storage's own polynomial, reflected: known elsewhere as CRC-64/NVME. */
const polynomial = 0x9a6c_9329_ac4b_c9b5n

const tableLow = new Uint32Array(256)
const tableHigh = new Uint32Array(256)
for (let index = 0; index < 256; index++) {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n
  tableLow[index] = Number(value & 0xffff_ffffn)
  tableHigh[index] = Number(value >> 32n)
}

export interface Crc64 {
  update(bytes: Uint8Array): void
  /** As `x-ms-content-crc64` has it: little-endian, base64. */
  digest(): string
}

/** The checksum of `x-ms-content-crc64`. In two halves of 32 bits: with BigInt it would be ten times slower. */
export function createCrc64(): Crc64 {
  let low = 0xffff_ffff
  let high = 0xffff_ffff
  return {
    update(bytes) {
      let l = low
      let h = high
      for (let at = 0; at < bytes.length; at++) {
        const index = (l ^ (bytes[at] ?? 0)) & 0xff
        l = ((l >>> 8) | (h << 24)) ^ (tableLow[index] ?? 0)
        h = (h >>> 8) ^ (tableHigh[index] ?? 0)
      }
      low = l
      high = h
    },
    digest() {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32LE(~low >>> 0, 0)
      bytes.writeUInt32LE(~high >>> 0, 4)
      return bytes.toString('base64')
    },
  }
}
