import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import { buildZip, type ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { openZip, ZipError } from '../containers/zip.ts'
import { unpack } from './content.ts'
import { RecordDigest } from './record-digest.ts'

const blockSize = 64 * 1024
const random = seededRandom(11)
/** 40 blocks and a bit: three batches. */
const content = Buffer.concat(
  Array.from({ length: 2570 }, () => Buffer.concat([random.bytes(600), Buffer.alloc(424, 'the same text ')])),
)

function blocksOf(end: Uint8Array, finishFlush: number = constants.Z_FULL_FLUSH) {
  const blocks: Buffer[] = []
  for (let at = 0; at < content.length; at += blockSize) {
    blocks.push(deflateRawSync(content.subarray(at, at + blockSize), { finishFlush }))
  }
  return { data: Buffer.concat([...blocks, end]), sizes: Float64Array.from(blocks, ({ length }) => length) }
}

async function unpackAll(spec: Partial<ZipSpec>, sizes?: Float64Array) {
  const zip = buildZip([
    { name: 'before', content: 'x' },
    { name: 'a', content, ...spec },
  ])
  const reader = bytesReader(zip)
  const archive = await openZip(reader)
  const entry = archive.find('a')
  assert.ok(entry)
  const dependent: number[] = []
  const digest = new RecordDigest(reader, 'sha256')
  await digest.advance(entry.headerOffset)
  const chunks: Uint8Array[] = []
  const blocks =
    sizes === undefined ? undefined : { sizes, dependent: (index: number) => dependent.push(index) }
  for await (const chunk of unpack({ reader, archive }, entry, blocks, digest)) chunks.push(chunk)
  await digest.advance(zip.length)
  const whole = new RecordDigest(reader, 'sha256')
  await whole.advance(zip.length)
  assert.deepEqual(digest.digest(), whole.digest(), 'the digest saw every byte once')
  return { bytes: Buffer.concat(chunks), dependent, chunks }
}

const zipCode = (code: string) => (error: unknown) => error instanceof ZipError && error.code === code

test('blocks are unpacked one by one, whatever follows the last', async () => {
  for (const end of [Buffer.of(3, 0), Buffer.alloc(0)]) {
    const { data, sizes } = blocksOf(end)
    const { bytes, dependent, chunks } = await unpackAll({ data }, sizes)
    assert.ok(bytes.equals(content))
    assert.deepEqual(dependent, [])
    assert.ok(chunks.every(({ length }, index) => length === blockSize || index === chunks.length - 1))
  }
})

test('blocks that depend on each other are unpacked as one stream', async () => {
  const data = deflateRawSync(content)
  const count = Math.ceil(content.length / blockSize)
  const each = Math.floor(data.length / count)
  const sizes = Float64Array.from({ length: count }, (_, index) =>
    index === count - 1 ? data.length - each * (count - 1) : each,
  )
  const { bytes, dependent } = await unpackAll({ data }, sizes)
  assert.ok(bytes.equals(content))
  assert.deepEqual(dependent, [0])
})

test('a block boundary that is off by one is found at the block that then lacks its beginning', async () => {
  const { data, sizes } = blocksOf(Buffer.of(3, 0))
  sizes[20] = (sizes[20] ?? 0) + 1
  sizes[21] = (sizes[21] ?? 0) - 1
  const { bytes, dependent } = await unpackAll({ data }, sizes)
  assert.ok(bytes.equals(content))
  assert.deepEqual(dependent, [21])
})

test('two bytes after the blocks that are no empty block are not overlooked', async () => {
  const { data, sizes } = blocksOf(Buffer.of(0, 0))
  await assert.rejects(unpackAll({ data }, sizes), zipCode('zip-bad-data'))
})

test('small and large entries without blocks, and stored ones, are unpacked', async () => {
  for (const spec of [
    { method: 'stored' },
    { method: 'deflate' },
    { content: 'small' },
    { content: '' },
  ] as const) {
    const { bytes } = await unpackAll(spec)
    assert.ok(bytes.equals('content' in spec ? Buffer.from(spec.content) : content))
  }
})

test('a file that ends without a last block is unpacked', async () => {
  const small = Buffer.from('small '.repeat(100))
  const data = deflateRawSync(small, { finishFlush: constants.Z_SYNC_FLUSH })
  assert.ok((await unpackAll({ content: small, data })).bytes.equals(small))
})

test('lies about size and checksum, and damage, are found', async () => {
  const small = Buffer.from('small '.repeat(100))
  const both = (lie: object) => ({ content: small, central: lie, local: lie })
  await assert.rejects(unpackAll(both({ crc32: 1 })), zipCode('zip-crc-mismatch'))
  await assert.rejects(unpackAll(both({ uncompressedSize: 599 })), ZipError)
  await assert.rejects(unpackAll(both({ uncompressedSize: 601 })), zipCode('zip-size-mismatch'))
  await assert.rejects(unpackAll({ content: small, data: Buffer.alloc(20, 0xff) }), zipCode('zip-bad-data'))
  const trailing = Buffer.concat([deflateRawSync(small), Buffer.alloc(8)])
  await assert.rejects(unpackAll({ content: small, data: trailing }), zipCode('zip-bad-data'))
  const { data, sizes } = blocksOf(Buffer.of(3, 0))
  await assert.rejects(
    unpackAll({ data, central: { crc32: 1 }, local: { crc32: 1 } }, sizes),
    zipCode('zip-crc-mismatch'),
  )
})

test('leaving early leaves nothing behind that rejects', async () => {
  const { data, sizes } = blocksOf(Buffer.of(3, 0))
  const reader = bytesReader(buildZip([{ name: 'a', content, data }]))
  const archive = await openZip(reader)
  const [entry] = archive.entries
  assert.ok(entry)
  let reads = 0
  const failing = {
    size: reader.size,
    read(offset: number, length: number) {
      reads += 1
      return reads > 1 ? Promise.reject(new Error('disk')) : reader.read(offset, length)
    },
  }
  for await (const chunk of unpack({ reader: failing, archive }, entry, { sizes, dependent() {} })) {
    assert.equal(chunk.length, blockSize)
    break
  }
  assert.equal(reads, 2)
})
