import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { event, insertProduct, product } from '../../test/conformance/database-records.ts'
import { smallDisk } from '../../test/helpers/small-disk.ts'
import type { Tx } from './database.ts'
import * as events from './events.ts'
import { openSqlite } from './sqlite.ts'

test('a full database says that it is full, loses only that transaction and goes on once there is room', async () => {
  await using database = openSqlite(':memory:')
  await database.migrate()
  await database.write(insertProduct)
  const { rows } = await database.read(({ db }) => sql<{ page_count: number }>`pragma page_count`.execute(db))
  const pages = rows[0]?.page_count ?? 0
  assert.ok(pages > 0)
  const limit = (most: number) =>
    database.read(({ db }) => sql`pragma max_page_count = ${sql.lit(most)}`.execute(db))
  await limit(pages + 2)

  const fill = async (tx: Tx) => {
    for (let round = 0; round < 100; round++) {
      events.append(tx, event({ data: { text: 'x'.repeat(4000) } }))
    }
  }
  await assert.rejects(database.write(fill), { errcode: 13 })
  const listed = () => database.read((tx) => events.after(tx, product.accountId, { seq: 0, limit: 1000 }))
  assert.deepEqual(await listed(), [])

  await limit(1_000_000)
  await database.write(fill)
  assert.equal((await listed()).length, 100)
})

test('a full disk is given as the reason, and nothing that was committed before is lost', async (t) => {
  const disk = await smallDisk(8 * 1024 ** 2)
  if (typeof disk === 'string') return t.skip(disk)
  await using _ = disk
  await using database = openSqlite(join(disk.folder, 'slipway.db'))
  await database.migrate()
  await database.write(insertProduct)
  const append = () =>
    database.write(async (tx) => events.append(tx, event({ data: { text: 'x'.repeat(300_000) } })))
  await append()
  await disk.fill(100_000)

  await assert.rejects(append(), { errcode: 13 })
  await assert.rejects(append(), { errcode: 13 })
  const listed = () => database.read((tx) => events.after(tx, product.accountId, { seq: 0, limit: 1000 }))
  assert.equal((await listed()).length, 1)

  await disk.makeRoom()
  await append()
  assert.equal((await listed()).length, 2)
})
