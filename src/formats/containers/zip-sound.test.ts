import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { buildZip, type ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { noise, testZipRows } from '../../../test/helpers/zip-rows.ts'
import { bytesReader } from '../bytes-reader.ts'
import type { Reader } from '../types.ts'
import { openZip, ZipError } from './zip.ts'

const a: ZipSpec = { name: 'a.txt', content: 'aaaa' }
const b: ZipSpec = { name: 'b.txt', content: 'bbbb' }
const named = (name: string): ZipSpec => ({ name, content: 'x' })

testZipRows([
  { title: 'two files', entries: [a, b], codes: [] },
  { title: 'no entries', entries: [], codes: [] },
  {
    title: 'folders, empty files, stored files',
    entries: [{ name: 'd/' }, { name: 'e' }, a],
    codes: [],
  },
  { title: 'a comment', entries: [a], options: { comment: Buffer.from('hello') }, codes: [] },
  { title: 'the longest comment', entries: [a], options: { comment: Buffer.alloc(65_535, 32) }, codes: [] },
  {
    title: 'every kind of data descriptor',
    entries: [
      { ...a, descriptor: 'signed' },
      { ...b, descriptor: 'unsigned' },
      { name: 'c', content: 'c', descriptor: 'wide' },
    ],
    codes: [],
  },
  {
    title: 'ZIP64 entries and end',
    entries: [
      { ...a, zip64: true },
      { ...b, zip64: true, descriptor: 'wide' },
    ],
    options: { zip64: true },
    codes: ['zip-zip64'],
  },
  {
    title: 'aligned entries',
    entries: [
      { ...a, align: 4096, method: 'stored' },
      { ...b, align: 4 },
    ],
    codes: [],
  },
  {
    title: 'an empty deflated folder, as jar writes',
    entries: [{ name: 'META-INF/', method: 'deflate', data: Buffer.of(3, 0) }],
    codes: [],
  },
  {
    title: 'an empty file marked as deflated',
    entries: [{ name: 'e', method: 'deflate', data: Buffer.of() }],
    codes: [],
  },
  {
    title: 'UTF-8 and CP437 names',
    entries: [named('größe'), { ...named('?'), rawName: Buffer.of(0x81, 0x2e, 0x61) }],
    codes: [],
  },
])

const contentOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

test('entries come in the order of the directory, with the numbers of their records', async () => {
  const zip = await openZip(bytesReader(buildZip([b, { name: 'd/' }, { ...a, method: 'stored', align: 64 }])))
  assert.deepEqual(
    zip.entries.map(({ name, isDirectory, method }) => ({ name, isDirectory, method })),
    [
      { name: 'b.txt', isDirectory: false, method: 8 },
      { name: 'd/', isDirectory: true, method: 0 },
      { name: 'a.txt', isDirectory: false, method: 0 },
    ],
  )
  const entry = zip.find('a.txt')
  assert.ok(entry !== undefined)
  assert.equal((await zip.dataOffset(entry)) % 64, 0)
  assert.equal(zip.extent(entry)?.end, zip.centralDirectoryOffset)
  assert.equal(zip.centralDirectoryOffset + zip.centralDirectorySize, zip.endOffset)
  assert.equal(zip.find('none'), undefined)
})

test('offsets of an archive behind a prefix are those of the file', async () => {
  const bytes = buildZip([a], { prefix: Buffer.from('12345'), prefixUncounted: true })
  const zip = await openZip(bytesReader(bytes))
  const entry = zip.find('a.txt')
  assert.ok(entry !== undefined)
  assert.equal(entry.headerOffset, 5)
  assert.equal(Buffer.from(await zip.read(entry, 10)).toString(), 'aaaa')
})

test('names are UTF-8 with their flag, CP437 without it, and as a Unicode path field says', async () => {
  const raw = Buffer.of(0x81, 0x2e)
  const field = Buffer.concat([Buffer.of(0x75, 0x70, 9, 0, 1), Buffer.alloc(4), Buffer.from('é.ü')])
  field.writeUInt16LE(field.length - 4, 2)
  field.writeUInt32LE(crc32(raw), 5)
  const zip = await openZip(
    bytesReader(
      buildZip([
        named('größe'),
        { ...named('?'), rawName: raw },
        { ...named('?'), rawName: raw, extra: field },
      ]),
    ),
  )
  assert.deepEqual(
    zip.entries.map(({ name }) => name),
    ['größe', 'ü.', 'é.ü'],
  )
})

test('small and large entries are read whole and streamed, deflated and stored', async () => {
  const wild = noise(3_000_000)
  const text = Buffer.from('all work and no play '.repeat(400_000))
  const zip = await openZip(
    bytesReader(
      buildZip([
        { name: 'noise', content: wild },
        { name: 'noise stored', content: wild, method: 'stored' },
        { name: 'text', content: text },
        { name: 'small', content: 'small' },
        { name: 'empty' },
      ]),
    ),
  )
  const expected = {
    noise: wild,
    'noise stored': wild,
    text,
    small: Buffer.from('small'),
    empty: Buffer.alloc(0),
  }
  for (const [name, content] of Object.entries(expected)) {
    const entry = zip.find(name)
    assert.ok(entry !== undefined)
    assert.ok(content.equals(await contentOf(zip.open(entry))), name)
    assert.ok(content.equals(await zip.read(entry, content.length)), name)
  }
  assert.deepEqual(await zip.verify(), [])
})

test('streaming can be left before its end', async () => {
  const zip = await openZip(bytesReader(buildZip([{ name: 'n', content: noise(4_000_000) }])))
  const entry = zip.find('n')
  assert.ok(entry !== undefined)
  let seen = 0
  for await (const chunk of zip.open(entry)) {
    seen = chunk.length
    break
  }
  assert.ok(seen > 0)
})

test('an entry larger than asked for is not read', async () => {
  const zip = await openZip(bytesReader(buildZip([a])))
  const entry = zip.find('a.txt')
  assert.ok(entry !== undefined)
  await assert.rejects(zip.read(entry, 3), (error: unknown) => {
    assert.ok(error instanceof ZipError)
    assert.equal(error.code, 'zip-too-large')
    assert.equal(error.entry, 'a.txt')
    assert.equal(error.toFinding().severity, 'error')
    return true
  })
})

test('a large entry that lies about its size or checksum is caught while it streams', async () => {
  const content = Buffer.alloc(20_000_000, 'abc')
  const check = async (lie: { uncompressedSize?: number; crc32?: number }, code: string) => {
    const zip = await openZip(bytesReader(buildZip([{ name: 'n', content, central: lie, local: lie }])))
    const entry = zip.find('n')
    assert.ok(entry !== undefined)
    let read = 0
    const stream = async () => {
      for await (const chunk of zip.open(entry)) read += chunk.length
    }
    await assert.rejects(stream, (error: unknown) => error instanceof ZipError && error.code === code)
    assert.ok(read <= content.length)
    assert.deepEqual(
      (await zip.verify()).map((finding) => finding.code),
      [code],
    )
  }
  await check({ uncompressedSize: 5_000_000 }, 'zip-size-mismatch')
  await check({ uncompressedSize: 20_000_001 }, 'zip-size-mismatch')
  await check({ crc32: 1 }, 'zip-crc-mismatch')
})

test('damage in the middle of a large entry is caught, in stored data as well', async () => {
  for (const method of ['stored', 'deflate'] as const) {
    const bytes = Buffer.from(buildZip([{ name: 'n', content: noise(5_000_000), method }]))
    bytes.fill(0xff, 2_000_000, 2_000_100)
    const zip = await openZip(bytesReader(bytes))
    const codes = (await zip.verify()).map(({ code }) => code)
    assert.equal(codes.length, 1)
    assert.match(codes[0] ?? '', /^zip-(?:crc-mismatch|bad-data|size-mismatch)$/)
  }
})

test("the reader's own failure is thrown, also out of the middle of a stream", async () => {
  const bytes = buildZip([{ name: 'n', content: noise(5_000_000) }])
  let broken = false
  const reader: Reader = {
    size: bytes.length,
    async read(offset, length) {
      if (broken && offset > 1_000_000) throw new Error('the disk is gone')
      return bytes.subarray(offset, offset + length)
    },
  }
  const zip = await openZip(reader)
  broken = true
  await assert.rejects(zip.verify(), /the disk is gone/)
})

test('a first bytes callback sees every entry once', async () => {
  const zip = await openZip(
    bytesReader(buildZip([a, { name: 'n', content: noise(3_000_000) }, { name: 'e' }])),
  )
  const seen: string[] = []
  await zip.verify({ onStart: (entry, start) => seen.push(`${entry.name} ${start.length > 0}`) })
  assert.deepEqual(seen, ['a.txt true', 'n true', 'e false'])
  const some: string[] = []
  await zip.verify({ wanted: ({ name }) => name === 'e', onStart: ({ name }) => some.push(name) })
  assert.deepEqual(some, ['e'])
})

test('twenty thousand bad names become a bounded number of findings, quickly', async () => {
  const entries = Array.from({ length: 20_000 }, (_, index) => ({ name: `../a\\b/${index}\n` }))
  const bytes = buildZip(entries)
  const started = performance.now()
  const zip = await openZip(bytesReader(bytes))
  assert.ok(performance.now() - started < 5000)
  assert.ok(zip.findings.length < 200)
  assert.ok(zip.findings.some(({ message }) => message.startsWith('19980 more of this kind')))
})
