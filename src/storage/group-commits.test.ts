import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { event, insertProduct, product } from '../../test/conformance/database-records.ts'
import type { Database, Tx } from './database.ts'
import * as events from './events.ts'
import { groupCommits } from './group-commits.ts'
import { openSqlite } from './sqlite.ts'
import { connect } from './sqlite-connection.ts'

const append = (tx: Tx, text: string) => events.append(tx, event({ data: { text } }))

const texts = async (database: Database) => {
  const listed = await database.read((tx) => events.after(tx, product.accountId, { seq: 0, limit: 1000 }))
  return listed.map(({ data }) => data.text)
}

async function opened(): Promise<{ database: Database; path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-group-'))
  const path = join(folder, 'slipway.db')
  const database = openSqlite(path)
  await database.migrate()
  await database.write(insertProduct)
  return {
    database,
    path,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

test('writes at the same time share a commit', async () => {
  await using file = await opened()
  const writer = connect(file.path, 0)
  let commits = 0
  const write = groupCommits(writer, () => {
    commits += 1
  })
  await Promise.all(
    Array.from({ length: 30 }, (_each, index) => write(async (tx) => append(tx, String(index)))),
  )
  assert.equal(commits, 1)
  await Promise.all(
    Array.from({ length: 40 }, (_each, index) => write(async (tx) => append(tx, String(30 + index)))),
  )
  assert.equal(commits, 3)
  assert.deepEqual(
    await texts(file.database),
    Array.from({ length: 70 }, (_each, index) => String(index)),
  )
  await writer.db.destroy()
})

test('of writes at the same time, those that throw undo themselves alone and are told why', async () => {
  await using file = await opened()
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_each, index) =>
      file.database.write(async (tx) => {
        await append(tx, String(index))
        if (index % 3 === 0) throw new Error(`not ${index}`)
        return index
      }),
    ),
  )
  for (const [index, outcome] of outcomes.entries()) {
    if (index % 3 === 0) assert.equal((outcome as PromiseRejectedResult).reason.message, `not ${index}`)
    else assert.equal((outcome as PromiseFulfilledResult<number>).value, index)
  }
  const kept = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [String(index)] : []))
  assert.deepEqual(await texts(file.database), kept)
})

test('what waited for the commit of a write happens once, in order, and not for those that were undone', async () => {
  await using file = await opened()
  const happened: number[] = []
  await Promise.allSettled(
    [1, 2, 3].map((index) =>
      file.database.write(async (tx) => {
        tx.afterCommit(() => happened.push(index))
        await append(tx, String(index))
        if (index === 2) throw new Error('undone')
      }),
    ),
  )
  assert.deepEqual(happened, [1, 3])
})

test('a write that fills the disk fails alone; those that shared its transaction are done all the same', async () => {
  await using file = await opened()
  const { database } = file
  const limit = (most: number) =>
    database.write(({ db }) => sql`pragma max_page_count = ${sql.lit(most)}`.execute(db))
  const { rows } = await database.read(({ db }) => sql<{ page_count: number }>`pragma page_count`.execute(db))
  await limit((rows[0]?.page_count ?? 0) + 20)
  const happened: string[] = []
  const write = (text: string, filler = '') =>
    database.write(async (tx) => {
      tx.afterCommit(() => happened.push(text))
      await append(tx, text)
      for (let round = 0; filler && round < 50; round++) await append(tx, filler.repeat(4000))
    })
  const outcomes = await Promise.allSettled([write('first'), write('large', 'x'), write('last')])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal((outcomes[1] as PromiseRejectedResult).reason.errcode, 13)
  assert.deepEqual(happened, ['first', 'last'])
  assert.deepEqual(await texts(database), ['first', 'last'])
})
