import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { smallDisk } from '../../test/helpers/small-disk.ts'
import { diskBlobs } from '../blobs/disk.ts'
import { openSqlite } from '../storage/sqlite.ts'
import { backUp } from './back-up.ts'
import { BackupError } from './errors.ts'
import { restore } from './restore.ts'

const pieces = Array.from({ length: 12 }, (_each, index) => Buffer.alloc(1000 + index, index))

/** A data folder with blobs of one piece, one that is composed of two, one of a document, and one that nothing names. */
async function makeData(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-backup-'))
  t.after(() => rm(folder, { recursive: true }))
  const data = join(folder, 'data')
  const path = join(data, 'slipway.db')
  await using database = openSqlite(path)
  await database.migrate()
  const blobs = diskBlobs(join(data, 'blobs'))
  const kept = []
  for (const piece of pieces) kept.push(await blobs.put([piece] as never, { maxBytes: 1e6 }))
  const [first, second, ...others] = kept
  assert.ok(first && second)
  const composed = await blobs.compose([first, second])
  const sql = new DatabaseSync(path)
  sql.exec("insert into account (id, name, createdAt) values ('a', 'A', 1)")
  const upload =
    sql.prepare(`insert into upload (id, accountId, store, submissionId, purpose, fileName, contentType,
    blob, size, createdAt, updatedAt) values (?, 'a', 'microsoft', null, 'package', 'f', '', ?, ?, 1, 1)`)
  const [ofDocument, _nameless, ...uploads] = others
  assert.ok(ofDocument)
  sql.prepare("insert into keptFile (sha256, productId) values (?, 'p')").run(ofDocument.sha256)
  for (const { sha256, size } of [composed, ...uploads]) upload.run(sha256, sha256, size)
  sql.close()
  return {
    folder,
    data,
    to: join(folder, 'backup'),
    restored: join(folder, 'restored'),
    composed,
    first,
    ofDocument,
    uploads,
    others,
    pathOf: (name: string, below = data) => join(below, 'blobs', name.slice(0, 2), name.slice(2)),
    sql<T>(work: (database: DatabaseSync) => T): T {
      const connection = new DatabaseSync(path)
      try {
        return work(connection)
      } finally {
        connection.close()
      }
    },
  }
}

function refused(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof BackupError, String(error))
    assert.match(error.message, pattern)
    return true
  }
}

test('what is restored has every blob byte for byte, composed ones and those that no table names too', async (t) => {
  const { data, to, restored, composed, others } = await makeData(t)
  const about = await backUp({ data, to })
  assert.equal(about.files, pieces.length + 1)
  assert.deepEqual(await restore({ from: to, data: restored }), about)
  const blobs = diskBlobs(join(restored, 'blobs'))
  assert.deepEqual(await buffer(blobs.stream(composed.sha256)), Buffer.concat(pieces.slice(0, 2)))
  for (const [index, { sha256 }] of others.entries()) {
    assert.deepEqual(await buffer(blobs.stream(sha256)), pieces[index + 2])
  }
  assert.ok(!existsSync(join(restored, 'restore.unfinished')))
})

test('a blob that is removed while others are copied is left out together with what named it', async (t) => {
  const { data, to, restored, pathOf, uploads, sql } = await makeData(t)
  const names = uploads.map(({ sha256 }) => sha256)
  const last = names.sort().at(-1) ?? ''
  let removed = false
  const onProgress = () => {
    if (removed) return
    removed = true
    sql((database) => database.prepare('delete from upload where blob = ?').run(last))
    rmSync(pathOf(last))
  }
  await backUp({ data, to, onProgress })
  assert.ok(removed)
  await restore({ from: to, data: restored })
  const left = new DatabaseSync(join(restored, 'slipway.db'))
  assert.equal(left.prepare('select count(*) as n from upload where blob = ?').get(last)?.n, 0)
  assert.equal(left.prepare('select count(*) as n from upload').get()?.n, uploads.length)
  left.close()
  assert.ok(!existsSync(pathOf(last, restored)))
})

test('a data folder that is not whole is not backed up, and nothing is left of the attempt', async (t) => {
  const made = await makeData(t)
  const { data, to, folder } = made
  const victim = made.pathOf(made.first.sha256)
  const bytes = readFileSync(victim)
  const attempt = (pattern: RegExp) => assert.rejects(backUp({ data, to }), refused(pattern))

  writeFileSync(victim, Buffer.concat([bytes.subarray(1), Buffer.of(1)]))
  await attempt(/data is damaged: the bytes of .* are not those it was named after\. Put the files? back/)
  rmSync(victim)
  await attempt(/1 packages that the database names are not there, such as .* Put the files back/)
  writeFileSync(victim, bytes)
  const ofDocument = made.pathOf(made.ofDocument.sha256)
  renameSync(ofDocument, `${ofDocument}-aside`)
  await attempt(/1 packages that the database names are not there/)
  renameSync(`${ofDocument}-aside`, ofDocument)
  made.sql((database) => database.exec('pragma wal_checkpoint(truncate)'))
  truncateSync(join(data, 'slipway.db'), 8192)
  await attempt(/the database of .* is damaged: .* restore the last good backup/)
  await assert.rejects(backUp({ data: folder, to }), refused(/no slipway\.db in .* --data/))
  assert.deepEqual(readdirSync(folder), ['data'])
})

test('a backup overwrites nothing and says what is in its way', async (t) => {
  const { data, to, folder } = await makeData(t)
  await backUp({ data, to })
  const before = readdirSync(to)
  await assert.rejects(backUp({ data, to }), refused(/is there already, and a backup never overwrites/))
  assert.deepEqual(readdirSync(to), before)
  await assert.rejects(
    backUp({ data, to: join(folder, 'none', 'b') }),
    refused(/no folder .*none: make it first/),
  )
})

test('a restore goes into an empty folder only', async (t) => {
  const { data, to, restored } = await makeData(t)
  await backUp({ data, to })
  const before = readFileSync(join(data, 'slipway.db'))
  await assert.rejects(restore({ from: to, data }), refused(/is not empty, and a restore never overwrites/))
  assert.deepEqual(readFileSync(join(data, 'slipway.db')), before)
  await restore({ from: to, data: restored })
  await assert.rejects(restore({ from: to, data: restored }), refused(/is not empty/))
})

test('a fresh volume, which is never quite empty, takes a restore', async (t) => {
  const { data, to, restored } = await makeData(t)
  await backUp({ data, to })
  mkdirSync(join(restored, 'lost+found'), { recursive: true })
  await restore({ from: to, data: restored })
  assert.ok(existsSync(join(restored, 'lost+found')))
})

test('a disk that is too small ends a backup and a restore, and keeps nothing of them', async (t) => {
  const disk = await smallDisk(512 * 1024)
  if (typeof disk === 'string') return t.skip(disk)
  await using small = disk
  const { data, to } = await makeData(t)
  await diskBlobs(join(data, 'blobs')).put([Buffer.alloc(1024 ** 2)] as never, { maxBytes: 2e6 })
  const free = async () => (await statfs(small.folder)).bfree
  const before = await free()
  await assert.rejects(backUp({ data, to: join(small.folder, 'backup') }), { code: 'ENOSPC' })
  assert.deepEqual(readdirSync(small.folder), [])
  await backUp({ data, to })
  await assert.rejects(restore({ from: to, data: join(small.folder, 'restored') }), { code: 'ENOSPC' })
  const left = readdirSync(join(small.folder, 'restored'))
  assert.deepEqual(
    left.filter((name) => !name.startsWith('server.lock')),
    [],
  )
  assert.ok((await free()) > before - 16)
})

const damages: readonly [what: string, damage: (backup: string, blob: string) => void, says: RegExp][] = [
  [
    'a package of which a bit has flipped',
    (_backup, blob) => flip(blob),
    /is not what it was\. Copy it again/,
  ],
  ['a package that is cut off', (_backup, blob) => truncateSync(blob, 10), /is not what it was/],
  [
    'a package that is missing',
    (_backup, blob) => rmSync(blob),
    /is missing\. Copy it again from where it was/,
  ],
  [
    'a database of which a bit has flipped',
    (backup) => flip(join(backup, 'slipway.db')),
    /slipway\.db is not/,
  ],
  ['a database that is missing', (backup) => rmSync(join(backup, 'slipway.db')), /slipway\.db is missing/],
  [
    'a list that is cut off',
    (backup) => truncateSync(join(backup, 'SHA256SUMS'), 300),
    /SHA256SUMS is not the one/,
  ],
  ['a list that is missing', (backup) => rmSync(join(backup, 'SHA256SUMS')), /SHA256SUMS is not the one/],
  [
    'a list with more in it',
    (backup) => appendFileSync(join(backup, 'SHA256SUMS'), 'x'),
    /SHA256SUMS is not the/,
  ],
  [
    'nothing that vouches for it',
    (backup) => rmSync(join(backup, 'backup.json')),
    /is no backup: it has no backup\.json/,
  ],
  ['that cut off', (backup) => truncateSync(join(backup, 'backup.json'), 40), /backup\.json cannot be read/],
  [
    'the format of a later version',
    (backup) => writeFileSync(join(backup, 'backup.json'), '{"format":2,"slipway":"9.0.0"}'),
    /was made by slipway 9\.0\.0: use that version/,
  ],
]

for (const [what, damage, says] of damages) {
  test(`a backup with ${what} is refused, and the folder is as empty as it was`, async (t) => {
    const { data, to, restored, pathOf, composed } = await makeData(t)
    await backUp({ data, to })
    damage(to, `${pathOf(composed.sha256, to)}.parts`)
    await assert.rejects(restore({ from: to, data: restored }), refused(says))
    const left = existsSync(restored) ? readdirSync(restored) : []
    assert.deepEqual(
      left.filter((name) => !name.startsWith('server.lock')),
      [],
    )
  })
}

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

test('an interrupted backup and an interrupted restore leave nothing behind', async (t) => {
  const { data, to, restored, folder } = await makeData(t)
  const interrupted = () => {
    const interrupt = new AbortController()
    return { signal: interrupt.signal, onProgress: () => interrupt.abort() }
  }
  await assert.rejects(backUp({ data, to, ...interrupted() }), { name: 'AbortError' })
  assert.deepEqual(readdirSync(folder), ['data'])
  await backUp({ data, to })
  await assert.rejects(restore({ from: to, data: restored, ...interrupted() }), { name: 'AbortError' })
  await restore({ from: to, data: restored })
})
