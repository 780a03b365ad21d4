import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { openZip } from '../containers/zip.ts'
import type { ZipArchive, ZipEntry } from '../containers/zip-types.ts'
import { rangeReader } from '../range-reader.ts'
import { inflatedReader, UnpackingFailed } from './inflated-reader.ts'

/** Half a megabyte that does not compress to nothing. */
const random = seededRandom(7)
const content = Buffer.concat(
  Array.from({ length: 512 }, () => Buffer.concat([random.bytes(512), Buffer.alloc(512, 'text ')])),
)

async function entryOf(zip: Uint8Array): Promise<[ZipArchive, ZipEntry]> {
  const archive = await openZip(bytesReader(zip))
  const entry = archive.entries[0]
  assert.ok(entry)
  return [archive, entry]
}

/** Counts the passes over the entry, and gives it in small chunks. */
function counting(archive: ZipArchive): ZipArchive & { passes: number } {
  const counted = {
    ...archive,
    passes: 0,
    async *open(entry: ZipEntry) {
      counted.passes += 1
      for await (const chunk of archive.open(entry)) {
        for (let at = 0; at < chunk.length; at += 4096) yield chunk.subarray(at, at + 4096)
      }
    },
  }
  return counted
}

test('bytes are read anywhere, in any order and size', async () => {
  const [archive, entry] = await entryOf(buildZip({ 'a.msix': content }))
  const counted = counting(archive)
  const reader = inflatedReader(counted, entry, { window: 64 * 1024, tail: 16 * 1024, passes: 1000 })
  assert.equal(reader.size, content.length)
  const order = seededRandom(3)
  for (let index = 0; index < 60; index += 1) {
    const offset = order.below(content.length)
    const length = order.below(Math.min(100_000, content.length - offset + 1))
    assert.deepEqual(
      Buffer.from(await reader.read(offset, length)),
      content.subarray(offset, offset + length),
      `${offset}+${length}`,
    )
  }
})

test('the end and then everything forward takes two passes', async () => {
  const [archive, entry] = await entryOf(buildZip({ 'a.msix': content }))
  const counted = counting(archive)
  const reader = inflatedReader(counted, entry, { window: 64 * 1024, tail: 16 * 1024, passes: 2 })
  await reader.read(content.length - 22, 22)
  await reader.read(content.length - 10_000, 5000)
  for (let at = 0; at < content.length; at += 5000) {
    const length = Math.min(5000, content.length - at)
    assert.deepEqual(Buffer.from(await reader.read(at, length)), content.subarray(at, at + length))
  }
  await reader.read(content.length - 22, 22)
  assert.equal(counted.passes, 2)
})

test('reads that wait for each other do not disturb each other', async () => {
  const [archive, entry] = await entryOf(buildZip({ 'a.msix': content }))
  const reader = inflatedReader(counting(archive), entry, { window: 8192, tail: 8192, passes: 1000 })
  const offsets = [400_000, 0, 200_000, 10, 524_000]
  const results = await Promise.all(offsets.map((offset) => reader.read(offset, 100)))
  for (const [index, offset] of offsets.entries()) {
    assert.deepEqual(Buffer.from(results[index] ?? []), content.subarray(offset, offset + 100))
  }
})

test('ranges outside are refused without ending the reader', async () => {
  const [archive, entry] = await entryOf(buildZip({ 'a.msix': content }))
  const reader = inflatedReader(archive, entry)
  await assert.rejects(reader.read(content.length, 1), RangeError)
  await assert.rejects(reader.read(-1, 1), RangeError)
  assert.equal((await reader.read(0, 1)).length, 1)
})

test('too many passes fail for good', async () => {
  const [archive, entry] = await entryOf(buildZip({ 'a.msix': content }))
  const reader = inflatedReader(counting(archive), entry, { window: 4096, tail: 4096, passes: 3 })
  const readBackwards = async () => {
    for (let at = 500_000; at > 0; at -= 50_000) await reader.read(at, 10)
  }
  await assert.rejects(
    readBackwards(),
    (error) => error instanceof UnpackingFailed && error.finding === undefined,
  )
  await assert.rejects(reader.read(0, 1), UnpackingFailed)
})

test('damaged content fails with the finding of the container', async () => {
  const [archive, entry] = await entryOf(
    buildZip([{ name: 'a.msix', content, central: { crc32: 1 }, local: { crc32: 1 } }]),
  )
  const reader = inflatedReader(archive, entry)
  await assert.rejects(
    reader.read(content.length - 1, 1),
    (error) => error instanceof UnpackingFailed && error.finding?.code === 'zip-crc-mismatch',
  )
})

test('a range reader sees its window only', async () => {
  const reader = rangeReader(bytesReader(Buffer.from('0123456789')), 3, 4)
  assert.equal(reader.size, 4)
  assert.equal(Buffer.from(await reader.read(0, 4)).toString(), '3456')
  assert.equal(Buffer.from(await reader.read(1, 2)).toString(), '45')
  await assert.rejects(reader.read(3, 2), RangeError)
  await assert.rejects(reader.read(-1, 1), RangeError)
  await assert.rejects(reader.read(0, Number.NaN), RangeError)
  assert.throws(() => rangeReader(bytesReader(new Uint8Array(5)), 3, 3), RangeError)
})
