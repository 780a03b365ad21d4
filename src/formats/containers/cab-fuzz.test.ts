import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCab } from '../../../test/helpers/cab-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { openCab } from './cab.ts'

function random(seed: number) {
  let state = seed >>> 0
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const data = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(900))

const seeds = (['none', 'mszip', 'lzx', 'quantum'] as const).map(
  (compression) =>
    buildCab(
      [
        {
          compression,
          windowBits: 16,
          files: [
            { name: 'd\\a.inf', data },
            { name: 'd\\b.sys', data: 'short' },
          ],
        },
        { compression: 'mszip', files: [{ name: 'd\\c.cat', data: data.subarray(0, 500) }] },
      ],
      // Checksums would stop most mutations before they reach the decoders.
      { withoutChecksums: true, reserve: { header: Buffer.alloc(20) } },
    ).bytes,
)

test('mutated cabinets give findings or files, never a throw, and never more than they list', async () => {
  const next = random(42)
  let refused = 0
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Buffer.from(seeds[round % seeds.length] ?? [])
    for (let change = next(6) + 1; change > 0; change -= 1) {
      // Half of the mutations hit the tables, where the lies are.
      const at = next(next(2) === 0 ? bytes.length : 200)
      bytes[at] = next(3) === 0 ? 0xff : next(256)
    }
    const cut = next(10) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes
    const started = process.cpuUsage()
    const cabinet = await openCab(bytesReader(cut))
    const sizes = new Map<number, number>()
    const found = await cabinet.readFolders({
      data: (file, chunk) => sizes.set(file.index, (sizes.get(file.index) ?? 0) + chunk.length),
      end: (file) => assert.equal(sizes.get(file.index) ?? 0, file.size),
    })
    assert.ok(process.cpuUsage(started).user < 2_000_000, `round ${round} is slow`)
    if ([...cabinet.findings, ...found].some((finding) => finding.severity === 'error')) refused += 1
  }
  assert.ok(refused > 500, `${refused} refused`)
})
