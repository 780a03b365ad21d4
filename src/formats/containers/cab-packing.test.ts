import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCab, type CabFolderSpec } from '../../../test/helpers/cab-builder.ts'
import { encodeLzx } from '../../../test/helpers/lzx-encoder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { openCab } from './cab.ts'
import { CabDataError } from './cab-types.ts'
import { createLzxDecoder } from './lzx.ts'

// The encoders that these tests use were held against cabextract 1.9, which unpacked all of these cabinets alike.

function random(seed: number) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Words that come again, runs of one byte, and x86 calls. */
function sample(length: number, seed: number): Buffer {
  const next = random(seed)
  const words = Array.from({ length: 200 }, () =>
    Buffer.from(Array.from({ length: 1 + Math.floor(next() * 9) }, () => Math.floor(next() * 256))),
  )
  const parts: Buffer[] = []
  for (let size = 0; size < length; size += parts.at(-1)?.length ?? 0) {
    const kind = next()
    if (kind < 0.03)
      parts.push(Buffer.from([0xe8, next() * 256, next() * 256, next() * 4, kind < 0.01 ? 0xff : 0]))
    else if (kind < 0.05) parts.push(Buffer.alloc(1 + Math.floor(next() * 600), 7))
    else parts.push(words[Math.floor(next() * next() * 200)] ?? Buffer.alloc(1))
  }
  return Buffer.concat(parts).subarray(0, length)
}

async function roundTrip(folder: Omit<CabFolderSpec, 'files'>, data: Buffer) {
  const files = [
    { name: 'a', data: data.subarray(0, 777) },
    { name: 'b', data: data.subarray(777) },
  ]
  const cabinet = await openCab(bytesReader(buildCab([{ ...folder, files }]).bytes))
  const parts: Buffer[] = []
  const found = await cabinet.readFolders({
    data: (_, chunk) => parts.push(Buffer.from(chunk)),
    end: () => {},
  })
  assert.deepEqual([...cabinet.findings, ...found], [])
  assert.ok(Buffer.concat(parts).equals(data))
}

const lengths = [1, 100, 32_768, 32_769, 150_001]

for (const windowBits of [15, 16, 17, 18, 19, 20, 21]) {
  test(`LZX with a window of ${windowBits} bits gives the data back`, async () => {
    for (const [seed, length] of lengths.entries()) {
      await roundTrip(
        { compression: 'lzx', windowBits, lzx: { blocks: [{ type: 'verbatim', length: 60_000 }] } },
        sample(length, seed),
      )
    }
  })
}

test('LZX blocks of all kinds may start and end anywhere, with padding and call translation', async () => {
  const blocks = [
    { type: 'aligned', length: 20_001 },
    { type: 'uncompressed', length: 40_001 },
    { type: 'verbatim', length: 5534 },
    { type: 'uncompressed', length: 32_768 },
    { type: 'uncompressed', length: 1 },
    { type: 'aligned', length: 3 },
    { type: 'uncompressed', length: 32_764 },
    { type: 'verbatim', length: 1 },
    { type: 'aligned', length: 60_000 },
  ] as const
  await roundTrip({ compression: 'lzx', windowBits: 16, lzx: { blocks } }, sample(300_001, 5))
  await roundTrip(
    { compression: 'lzx', windowBits: 21, lzx: { blocks, callFileSize: 9_999_999 } },
    sample(300_001, 6),
  )
  await roundTrip(
    { compression: 'lzx', windowBits: 15, lzx: { blocks, callFileSize: 1000 } },
    sample(40_000, 7),
  )
})

test('an odd uncompressed LZX block at the very end of a frame may keep its padding for the next', () => {
  const data = sample(40_000, 9)
  const blocks = [
    { type: 'verbatim', length: 1 },
    { type: 'uncompressed', length: 32_767 },
    { type: 'verbatim', length: 9000 },
  ] as const
  const [first = new Uint8Array(), second = new Uint8Array()] = encodeLzx(data, { windowBits: 15, blocks })
  const moved = [first.subarray(0, -1), Buffer.concat([Buffer.alloc(1), second])]
  for (const frames of [[first, second], moved]) {
    const decoder = createLzxDecoder(15, new Uint8Array(32_768))
    const unpacked = [32_768, 7232].map((size, i) =>
      Buffer.from(decoder.decode(frames[i] ?? new Uint8Array(), size)),
    )
    assert.ok(Buffer.concat(unpacked).equals(data))
  }
})

for (const windowBits of [10, 11, 15, 18, 21]) {
  test(`Quantum with a window of ${windowBits} bits gives the data back`, async () => {
    for (const [seed, length] of lengths.entries()) {
      await roundTrip({ compression: 'quantum', windowBits }, sample(length, seed + 20))
    }
  })
}

test('LZX data cut off, or damaged anywhere, is refused or gives other bytes, and never runs away', () => {
  const data = sample(60_000, 11)
  const blocks = [{ type: 'aligned', length: 30_000 }] as const
  const frames = encodeLzx(data, { windowBits: 16, blocks })
  const next = random(3)
  let refused = 0
  for (let round = 0; round < 300; round += 1) {
    const decoder = createLzxDecoder(16, new Uint8Array(65_536))
    const damaged = Uint8Array.from(frames[0] ?? [])
    if (round % 2 === 0) damaged[Math.floor(next() * damaged.length)] = Math.floor(next() * 256)
    const input = round % 2 === 0 ? damaged : damaged.subarray(0, Math.floor(next() * damaged.length))
    try {
      assert.equal(decoder.decode(input, 32_768).length, 32_768)
    } catch (error) {
      assert.ok(error instanceof CabDataError, String(error))
      refused += 1
    }
  }
  assert.ok(refused >= 150, `${refused} of 300 refused: all cut ones and some damaged ones`)
})
