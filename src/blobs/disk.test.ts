import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { smallDisk } from '../../test/helpers/small-disk.ts'
import { DamagedBlob } from './blob-store.ts'
import { diskBlobs } from './disk.ts'

async function* source(megabytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < megabytes * 16; index++) yield Buffer.alloc(65_536, index)
}

test('a full disk refuses a put, keeps nothing of it and all that was there, and takes the next once there is room', async (t) => {
  const disk = await smallDisk(16 * 1024 ** 2)
  if (typeof disk === 'string') return t.skip(disk)
  await using small = disk
  const blobs = diskBlobs(small.folder)
  const limits = { maxBytes: 1024 ** 3 }
  const first = await blobs.put(source(3), limits)
  await small.fill(2 * 1024 ** 2)

  await assert.rejects(blobs.put(source(6), limits), { code: 'ENOSPC' })
  assert.deepEqual(await readdir(join(small.folder, 'tmp')), [])
  assert.equal((await buffer(blobs.stream(first.sha256))).length, first.size)

  await small.makeRoom()
  const second = await blobs.put(source(6), limits)
  await using local = await blobs.local(second.sha256)
  assert.equal((await readFile(local.parts[0]?.path ?? '')).length, 6 * 1024 ** 2)
})

test('a composed blob is not made local when one of its parts was cut short', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-disk-'))
  t.after(() => rm(folder, { recursive: true }))
  const blobs = diskBlobs(folder)
  const part = await blobs.put(source(1), { maxBytes: 1024 ** 3 })
  const { sha256 } = await blobs.compose([part, part])
  await truncate(join(folder, part.sha256.slice(0, 2), part.sha256.slice(2)), 1000)
  await assert.rejects(blobs.local(sha256), DamagedBlob)
})
