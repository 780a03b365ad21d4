import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesReader } from '../bytes-reader.ts'
import { openZip } from './zip.ts'
import { createZipWriter } from './zip-writer.ts'

function memory() {
  const chunks: { at: number; bytes: Uint8Array }[] = []
  return {
    write: (bytes: Uint8Array, at: number) => void chunks.push({ at, bytes: Uint8Array.from(bytes) }),
    all(size: number) {
      const whole = Buffer.alloc(size)
      for (const { at, bytes } of chunks) whole.set(bytes, at)
      return whole
    },
  }
}

test('what it writes, the reader of hostile archives finds nothing wrong with', async () => {
  const sink = memory()
  const writer = createZipWriter(sink)
  const files = new Map([
    ['drivers/a/ä.inf', Buffer.from('first')],
    ['drivers/a/empty.sys', Buffer.alloc(0)],
    ['drivers/b/large.bin', Buffer.alloc(300_000, 7)],
  ])
  for (const [name, bytes] of files) {
    writer.begin(name, bytes.length)
    for (let at = 0; at < bytes.length; at += 65_536) writer.add(bytes.subarray(at, at + 65_536))
    const { offset, size } = writer.end()
    assert.equal(size, bytes.length)
    assert.ok(offset > 0)
  }
  const archive = await openZip(bytesReader(sink.all(writer.finish())))
  assert.deepEqual([...archive.findings, ...(await archive.verify())], [])
  assert.deepEqual(
    archive.entries.map(({ name }) => name),
    [...files.keys()],
  )
  for (const entry of archive.entries) {
    assert.deepEqual(Buffer.from(await archive.read(entry, 1e6)), files.get(entry.name))
  }
})

test('an entry that gets another number of bytes than announced is refused', () => {
  const writer = createZipWriter(memory())
  writer.begin('a', 2)
  writer.add(Buffer.from('x'))
  assert.throws(() => writer.end(), RangeError)
  assert.throws(() => writer.add(Buffer.from('xyz')), RangeError)
})

test('beyond 65 535 entries and 4 GiB the archive is Zip64', () => {
  let last = Buffer.alloc(0)
  const writer = createZipWriter({
    write(bytes) {
      last = Buffer.from(bytes)
    },
  })
  const fields: Buffer[] = []
  const spy = createZipWriter({ write: (bytes) => void fields.push(Buffer.from(bytes)) })
  for (let count = 0; count < 65_535; count++) {
    writer.begin('', 0)
    writer.end()
  }
  writer.finish()
  assert.equal(last.readUInt32LE(0), 0x0606_4b50)
  assert.equal(last.readBigUInt64LE(32), 65_535n)
  spy.begin('large', 5 * 1024 ** 3)
  const header = fields[0] ?? Buffer.alloc(0)
  assert.equal(header.readUInt32LE(18), 0xffff_ffff)
  assert.equal(header.readBigUInt64LE(30 + 5 + 4), BigInt(5 * 1024 ** 3))
})
