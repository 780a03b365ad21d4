import assert from 'node:assert/strict'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildExtension } from '../../test/helpers/extension-builder.ts'
import { buildZip } from '../../test/helpers/zip-builder.ts'
import { bytesReader } from './bytes-reader.ts'
import { openFileReader } from './file-reader.ts'
import { formats, inspect } from './index.ts'
import type { Reader } from './types.ts'

const formatOf = async (bytes: Uint8Array, name?: string): Promise<string> =>
  (await inspect(bytesReader(bytes), { name })).format

test('a format is chosen by the end of the name, whatever the bytes are', async () => {
  assert.equal(await formatOf(Buffer.from('text'), '/a/b/Package.ZIP'), 'extension')
})

test('without a telling name the bytes decide', async () => {
  assert.equal(await formatOf(buildExtension()), 'extension')
  assert.equal(await formatOf(buildExtension({ folder: 'dist' }), 'upload'), 'extension')
  assert.equal(await formatOf(buildExtension(), 'package.xpi'), 'extension')
  assert.equal(await formatOf(Buffer.from('Cr24\x03\0\0\0')), 'extension')
})

test('bytes that no format knows are unknown, and not sound', async () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('P'),
    Buffer.from('hello'),
    buildZip({ 'a.txt': 'a' }),
    Buffer.alloc(5000),
  ]) {
    const inspection = await inspect(bytesReader(bytes), { name: 'notes.txt' })
    assert.equal(inspection.format, 'unknown')
    assert.equal(inspection.sound, false)
    assert.deepEqual(
      inspection.findings.map(({ code, severity }) => `${code} ${severity}`),
      ['unknown-format error'],
    )
  }
})

test('a format that is asked for is taken, and one that does not exist is a mistake of the caller', async () => {
  const inspection = await inspect(bytesReader(Buffer.from('text')), { name: 'a.txt', format: 'extension' })
  assert.equal(inspection.format, 'extension')
  await assert.rejects(inspect(bytesReader(Buffer.alloc(0)), { format: 'tape' }), RangeError)
})

test('limits reach the format', async () => {
  const limits = { entries: 2, unpackedBytes: 1e9, ratio: 1000 }
  const { findings } = await inspect(bytesReader(buildExtension()), { format: 'extension', limits })
  assert.ok(findings.some(({ code }) => code === 'zip-too-many-entries'))
})

test('formats have distinct names and lower-case endings', () => {
  const names = formats.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { extensions } of formats)
    for (const each of extensions) assert.match(each, /^(?:\.[a-z0-9]+)+$/)
})

test("the reader's own failure is thrown and is no finding", async () => {
  const reader: Reader = { size: 100, read: () => Promise.reject(new Error('the disk is gone')) }
  await assert.rejects(inspect(reader), /the disk is gone/)
  await assert.rejects(inspect(reader, { name: 'a.zip' }), /the disk is gone/)
})

test('a file is read in any order, and never outside of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-reader-'))
  try {
    const path = join(folder, 'file')
    await writeFile(path, '0123456789')
    await using file = await openFileReader(path)
    for (const reader of [file, bytesReader(Buffer.from('0123456789'))]) {
      assert.equal(reader.size, 10)
      assert.equal(Buffer.from(await reader.read(8, 2)).toString(), '89')
      assert.equal(Buffer.from(await reader.read(0, 3)).toString(), '012')
      assert.equal((await reader.read(10, 0)).length, 0)
      for (const [offset, length] of [
        [9, 2],
        [-1, 2],
        [0, 11],
        [0.5, 1],
        [Number.NaN, 1],
        [2 ** 53, 1],
      ] as const) {
        await assert.rejects(async () => reader.read(offset, length), RangeError)
      }
    }
    await truncate(path, 5)
    await assert.rejects(file.read(4, 4), /became shorter/)
    await assert.rejects(openFileReader(folder), /not a regular file/)
    await assert.rejects(openFileReader(join(folder, 'none')), { code: 'ENOENT' })
  } finally {
    await rm(folder, { recursive: true })
  }
})
