import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { event, prepare, product, submission } from '../../test/conformance/database-records.ts'
import { emptyDatabase, withoutPostgres } from '../../test/helpers/postgres.ts'
import { openPostgresProxy } from '../../test/helpers/postgres-proxy.ts'
import * as accounts from './accounts.ts'
import type { Tx } from './database.ts'
import * as events from './events.ts'
import { openPostgres } from './postgres.ts'
import * as products from './products.ts'
import * as submissions from './submissions.ts'

const skip = await withoutPostgres('what PostgreSQL does when it restarts or answers late')
const options = { skip, timeout: 60_000 }

async function opened() {
  const made = await emptyDatabase()
  const proxy = await openPostgresProxy(made.url)
  const database = openPostgres(proxy.url)
  const direct = openPostgres(made.url)
  await prepare(direct)
  return {
    database,
    /** Another process, whose way is sound. */
    direct,
    proxy,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await direct[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await made[Symbol.asyncDispose]()
    },
  }
}

const eventsOf = (tx: Tx) => events.after(tx, product.accountId, { seq: 0, limit: 100 })

for (const { fate, runs } of [
  { fate: 'cut before', runs: 2 },
  { fate: 'cut after', runs: 1 },
] as const) {
  test(`a write whose connection is ${fate} its commit takes place once`, options, async () => {
    await using open = await opened()
    let ran = 0
    let effects = 0
    open.proxy.atCommit = fate
    const result = await open.database.write(async (tx) => {
      ran++
      tx.afterCommit(() => void effects++)
      events.append(tx, event())
      return 'done'
    })
    assert.equal(result, 'done')
    assert.deepEqual({ ran, effects }, { ran: runs, effects: 1 })
    assert.equal((await open.direct.read(eventsOf)).length, 1)
  })
}

test('a write whose connection is ended in the middle is done again, once', options, async () => {
  await using open = await opened()
  let ran = 0
  await open.database.write(async (tx) => {
    events.append(tx, event())
    if (ran++ > 0) return
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx.db)
    await open.direct.read(({ db }) => sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db))
  })
  assert.equal(ran, 2)
  assert.equal((await open.direct.read(eventsOf)).length, 1)
})

test('reads and writes wait for a PostgreSQL that restarts', options, async () => {
  await using open = await opened()
  // Connections that lie idle when it goes are nobody's trouble.
  await Promise.all(Array.from({ length: 5 }, () => open.database.read((tx) => accounts.count(tx))))
  open.proxy.goAway()
  const reading = open.database.read((tx) => accounts.count(tx))
  const writing = open.database.write(async (tx) => events.append(tx, event()))
  setTimeout(() => open.proxy.comeBack(), 300)
  assert.equal(await reading, 1)
  await writing
  assert.equal((await open.direct.read(eventsOf)).length, 1)
})

test(
  'a column that a newer version adds upsets no process that has its queries prepared',
  options,
  async () => {
    await using open = await opened()
    const { database, direct } = open
    await database.write((tx) => submissions.insert(tx, submission('s1')))
    const read = () => database.read((tx) => submissions.get(tx, 's1'))
    const write = () =>
      database.write(async (tx) => {
        const found = await submissions.get(tx, 's1')
        assert.ok(found)
        await submissions.save(tx, { ...found, revision: found.revision + 1 })
      })
    await read()
    await write()
    await direct.write(({ db }) =>
      sql`alter table submission add column later integer not null default 7`.execute(db),
    )
    await write()
    assert.equal((await read())?.revision, 2)
  },
)

test('a process of this version serves a database to which a newer one only added', options, async () => {
  await using open = await opened()
  await open.direct.write(({ db }) =>
    sql`insert into migration (name, at) values ('9999-later', 1)`.execute(db),
  )
  assert.deepEqual(await open.database.migrate(), [])
})

test(
  'what PostgreSQL cannot hold in a text is replaced in names and names nothing as an id',
  options,
  async () => {
    await using open = await opened()
    const name = 'zero \0 and half a pair \ud800'
    await open.database.write((tx) => accounts.insert(tx, { id: 'odd', name, createdAt: 1 }))
    assert.equal(
      (await open.database.read((tx) => accounts.find(tx, 'odd')))?.name,
      'zero \ufffd and half a pair \ufffd',
    )
    assert.equal(await open.database.read((tx) => products.get(tx, 'product\0')), undefined)
    const content = { text: name }
    await open.database.write((tx) => submissions.insert(tx, submission('s1', { content })))
    assert.deepEqual((await open.database.read((tx) => submissions.get(tx, 's1')))?.content, content)
  },
)

test('another address than that of a PostgreSQL is said to be so, and soon', options, async () => {
  await using open = await opened()
  const url = new URL(open.proxy.url)
  url.pathname = '/no_such_database'
  await using database = openPostgres(url.href)
  await assert.rejects(database.migrate(), { code: '3D000' })
})
