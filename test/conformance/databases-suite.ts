import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Account } from '../../src/engine/types.ts'
import * as accounts from '../../src/storage/accounts.ts'
import type { Database, Tx } from '../../src/storage/database.ts'
import * as events from '../../src/storage/events.ts'
import * as packages from '../../src/storage/packages.ts'
import * as products from '../../src/storage/products.ts'
import * as submissions from '../../src/storage/submissions.ts'
import * as tracks from '../../src/storage/tracks.ts'
import { event, mainTrack, pack, prepare, product, submission } from './database-records.ts'

/** An empty database that was never migrated. */
export interface DatabaseUnderTest extends AsyncDisposable {
  readonly database: Database
  /** A second handle on the same data, as another process has it; null where there can be none. */
  again(): Promise<Database> | null
}

/** What every database adapter must do; `open` gives a new empty one each time. */
export function databaseSuite(name: string, open: () => Promise<DatabaseUnderTest>): void {
  const says = (behaviour: string, check: (opened: DatabaseUnderTest) => Promise<void>) =>
    test(`${name}: ${behaviour}`, { timeout: 20_000 }, async () => {
      await using opened = await open()
      await check(opened)
    })

  says('what a transaction wrote is there after it', async ({ database }) => {
    await prepare(database)
    assert.deepEqual({ ...(await database.read((tx) => products.get(tx, product.id))) }, product)
  })

  says('a transaction gives back what its work gave', async ({ database }) => {
    await prepare(database)
    assert.equal(await database.write(async (tx) => (await products.get(tx, product.id))?.name), product.name)
  })

  says('work that throws leaves nothing of what it did, and its own error comes through', async (opened) => {
    const database = await prepare(opened.database)
    const reason = new Error('changed my mind')
    const work = async (tx: Tx) => {
      await accounts.insert(tx, { id: 'account-2', name: 'Second', createdAt: 1 })
      await products.adoptIdentity(tx, product.id, 'adopted')
      events.append(tx, event())
      throw reason
    }
    await assert.rejects(database.write(work), (error) => error === reason)
    await database.read(async (tx) => {
      assert.equal(await accounts.find(tx, 'account-2'), undefined)
      assert.equal((await products.get(tx, product.id))?.identity, null)
      assert.deepEqual(await eventsOf(tx), [])
    })
  })

  says('a statement the database refuses undoes the whole transaction', async (opened) => {
    const database = await prepare(opened.database)
    const work = async (tx: Tx) => {
      await accounts.insert(tx, { id: 'account-2', name: 'Second', createdAt: 1 })
      await products.insert(tx, product)
    }
    await assert.rejects(database.write(work), /unique|duplicate/i)
    assert.equal(await database.read((tx) => accounts.find(tx, 'account-2')), undefined)
  })

  says('a failed transaction is no hindrance to the next', async (opened) => {
    const database = await prepare(opened.database)
    for (let round = 0; round < 20; round++) {
      await assert.rejects(database.write((tx) => products.insert(tx, product)))
      await database.write(async (tx) => events.append(tx, event()))
    }
    assert.equal((await database.read(eventsOf)).length, 20)
  })

  says('effects run once each, in order, after the commit they wait for', async (opened) => {
    const database = await prepare(opened.database)
    const ran: string[] = []
    let seen: Promise<Account | undefined> | undefined
    await database.write(async (tx) => {
      tx.afterCommit(() => {
        ran.push('first')
        seen = database.read((reading) => accounts.find(reading, 'account-2'))
      })
      await accounts.insert(tx, { id: 'account-2', name: 'Second', createdAt: 1 })
      tx.afterCommit(() => void ran.push('second'))
      assert.deepEqual(ran, [])
    })
    assert.deepEqual(ran, ['first', 'second'])
    assert.deepEqual({ ...(await seen) }, { id: 'account-2', name: 'Second', createdAt: 1 })
  })

  says('effects of a transaction that was rolled back never run', async (opened) => {
    const database = await prepare(opened.database)
    let ran = false
    const effect = () => {
      ran = true
    }
    const throwing = async (tx: Tx) => {
      tx.afterCommit(effect)
      throw new Error('no')
    }
    const refused = async (tx: Tx) => {
      tx.afterCommit(effect)
      await products.insert(tx, product)
    }
    await assert.rejects(database.write(throwing))
    await assert.rejects(database.write(refused))
    await database.write(async () => {})
    assert.equal(ran, false)
  })

  says('a read commits nothing and says so when asked for an effect', async (opened) => {
    const database = await prepare(opened.database)
    await assert.rejects(database.read(async (tx) => tx.afterCommit(() => {})))
  })

  says('writes at the same time follow each other: no update is lost', async (opened) => {
    const database = await prepare(opened.database)
    await database.write((tx) => submissions.insert(tx, submission('s1')))
    const raise = () =>
      database.write(async (tx) => {
        const found = await submissions.get(tx, 's1')
        assert.ok(found)
        await submissions.save(tx, { ...found, revision: found.revision + 1 })
      })
    await Promise.all(Array.from({ length: 40 }, raise))
    assert.equal((await database.read((tx) => submissions.get(tx, 's1')))?.revision, 40)
  })

  says('another handle sees what was committed and no update of either is lost', async (opened) => {
    const database = await prepare(opened.database)
    const opening = opened.again()
    if (opening === null) return
    await using other = await opening
    await database.write((tx) => submissions.insert(tx, submission('s1')))
    const raise = (through: Database) =>
      through.write(async (tx) => {
        const found = await submissions.get(tx, 's1')
        assert.ok(found)
        await submissions.save(tx, { ...found, revision: found.revision + 1 })
      })
    for (let round = 0; round < 10; round++) await Promise.all([raise(database), raise(other)])
    assert.equal((await other.read((tx) => submissions.get(tx, 's1')))?.revision, 20)
  })

  says('a read neither waits for a running transaction nor sees its work', async (opened) => {
    if (opened.again() === null) return
    const database = await prepare(opened.database)
    await database.write(async (tx) => {
      await accounts.insert(tx, { id: 'account-2', name: 'Second', createdAt: 1 })
      assert.equal(await database.read((reading) => accounts.find(reading, 'account-2')), undefined)
      assert.ok(await accounts.find(tx, 'account-2'))
    })
  })

  says('waiting for another handle holds nothing else up', async (opened) => {
    const database = await prepare(opened.database)
    const opening = opened.again()
    if (opening === null) return
    await using other = await opening
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const holding = other.write(async (tx) => {
      await accounts.insert(tx, { id: 'account-2', name: 'Second', createdAt: 1 })
      hold()
      await released
    })
    await held
    const waiting = database.write(async (tx) => {
      const found = await accounts.find(tx, 'account-2')
      if (!found) await accounts.insert(tx, { id: 'account-2', name: 'Third', createdAt: 1 })
      return found?.name ?? 'Third'
    })
    // Only a process that is not held up gets here before the wait is over.
    setTimeout(release, 50)
    assert.equal(await waiting, 'Second')
    await holding
  })

  says(
    'events are numbered upwards without repeating, also past those that were rolled back',
    async (opened) => {
      const database = await prepare(opened.database)
      for (let round = 0; round < 30; round++) {
        if (round % 3 === 0) {
          const lost = async (tx: Tx) => {
            events.append(tx, event())
            throw new Error('rolled back')
          }
          await assert.rejects(database.write(lost), /rolled back/)
        }
        await database.write(async (tx) => events.append(tx, event({ data: { round } })))
      }
      const listed = await database.read(eventsOf)
      const positions = listed.map(({ seq }) => seq)
      assert.deepEqual(
        positions,
        [...new Set(positions)].sort((one, other) => one - other),
      )
      assert.deepEqual(
        listed.map(({ data }) => data.round),
        Array.from({ length: 30 }, (_each, round) => round),
      )
    },
  )

  says('events of writes at the same time have one order that everybody sees', async (opened) => {
    const database = await prepare(opened.database)
    await Promise.all(
      Array.from({ length: 40 }, (_each, round) =>
        database.write(async (tx) => events.append(tx, event({ data: { round } }))),
      ),
    )
    const listed = await database.read(eventsOf)
    assert.equal(new Set(listed.map(({ seq }) => seq)).size, 40)
    assert.equal(new Set(listed.map(({ data }) => data.round)).size, 40)
    const page = { seq: listed[9]?.seq ?? 0, limit: 7 }
    assert.deepEqual(
      await database.read((tx) => events.after(tx, product.accountId, page)),
      listed.slice(10, 17),
    )
  })

  says('events come by account, product and submission', async (opened) => {
    const database = await prepare(opened.database)
    await database.write(async (tx) => {
      events.append(tx, event({ accountId: 'account-2' }))
      events.append(tx, event({ productId: 'p1', submissionId: 's1', data: { text: 'ünï\u0000"🧩' } }))
      events.append(tx, event({ productId: 'p1' }))
    })
    const found = (page: { productId?: string; submissionId?: string }) =>
      database.read((tx) => events.after(tx, product.accountId, { seq: 0, limit: 10, ...page }))
    assert.equal((await found({})).length, 2)
    assert.equal((await found({ productId: 'p1' })).length, 2)
    assert.deepEqual((await found({ submissionId: 's1' }))[0]?.data, { text: 'ünï\u0000"🧩' })
  })

  for (const phase of ['draft', 'moving', 'live'] as const) {
    says(`a track has at most one ${phase} submission`, async (opened) => {
      const database = await prepare(opened.database)
      await database.write(async (tx) => {
        await tracks.insert(tx, { ...mainTrack, id: 'track-2', kind: 'flight' })
        await submissions.insert(tx, submission('s1', { phase }))
        await submissions.insert(tx, submission('elsewhere', { phase, trackId: 'track-2' }))
        await submissions.insert(tx, submission('s2', { phase: 'failed' }))
      })
      await assert.rejects(
        database.write((tx) => submissions.insert(tx, submission('s3', { phase }))),
        /unique|duplicate/i,
      )
      await assert.rejects(
        database.write((tx) => submissions.save(tx, submission('s2', { phase }))),
        /unique|duplicate/i,
      )
      assert.equal((await database.read((tx) => submissions.inPhase(tx, mainTrack.id, phase)))?.id, 's1')
    })
  }

  says('a track has any number of submissions that are over', async (opened) => {
    const database = await prepare(opened.database)
    await database.write(async (tx) => {
      for (const phase of ['past', 'failed', 'cancelled'] as const) {
        for (const number of [1, 2, 3])
          await submissions.insert(tx, submission(`${phase}${number}`, { phase }))
      }
    })
    const listed = await database.read((tx) => submissions.list(tx, product.id, { after: null, limit: 100 }))
    assert.equal(listed.length, 9)
  })

  says('one release replaces another within one transaction', async (opened) => {
    const database = await prepare(opened.database)
    await database.write(async (tx) => {
      await submissions.insert(tx, submission('old', { phase: 'live' }))
      await submissions.insert(tx, submission('new', { phase: 'moving' }))
    })
    await database.write(async (tx) => {
      await submissions.save(tx, submission('old', { phase: 'past' }))
      await submissions.save(tx, submission('new', { phase: 'live' }))
    })
    assert.equal((await database.read((tx) => submissions.inPhase(tx, mainTrack.id, 'live')))?.id, 'new')
  })

  says('documents, texts and large numbers come back as they went in', async (opened) => {
    const database = await prepare(opened.database)
    const whole = submission('s1', {
      content: { text: 'ünï "quoted" \\ \n 🧩', nested: { list: [1, null, true, 'x'] }, empty: {} },
      findings: [{ code: 'a-code', severity: 'warning', message: "it's wrong", target: 'a/b' }],
      changed: true,
      verdict: 'f'.repeat(64),
      publishedAt: Number.MAX_SAFE_INTEGER,
    })
    const large = pack('p1', { size: Number.MAX_SAFE_INTEGER, sound: true, facts: { locales: ['de', 'en'] } })
    await database.write(async (tx) => {
      await submissions.insert(tx, whole)
      await packages.insert(tx, large)
    })
    await database.read(async (tx) => {
      assert.deepEqual(await submissions.get(tx, 's1'), whole)
      assert.deepEqual(await packages.get(tx, 'p1'), large)
    })
  })

  says(
    'a submission lists its packages in order and takes the list along when it is removed',
    async (opened) => {
      const database = await prepare(opened.database)
      await database.write(async (tx) => {
        await submissions.insert(tx, submission('s1'))
        for (const id of ['a', 'b', 'c']) await packages.insert(tx, pack(id))
        await packages.setOfSubmission(tx, 's1', ['c', 'a', 'b'])
        await packages.setOfSubmission(tx, 's1', ['b', 'c'])
      })
      const listed = await database.read((tx) => packages.ofSubmission(tx, 's1'))
      assert.deepEqual(
        listed.map(({ id }) => id),
        ['b', 'c'],
      )
      await database.write((tx) => submissions.remove(tx, 's1'))
      assert.deepEqual(await database.read((tx) => packages.ofSubmission(tx, 's1')), [])
      assert.ok(await database.read((tx) => packages.get(tx, 'b')))
    },
  )

  says('what belongs to nothing is refused', async (opened) => {
    const database = await prepare(opened.database)
    await assert.rejects(
      database.write((tx) => submissions.insert(tx, submission('s1', { productId: 'nobody' }))),
      /foreign/i,
    )
    await assert.rejects(
      database.write((tx) => packages.setOfSubmission(tx, 'nobody', ['nothing'])),
      /foreign/i,
    )
  })

  says('migrations are listed before they run, run once in order, and are recorded', async ({ database }) => {
    const pending = await database.pendingMigrations()
    assert.ok(pending.length > 0)
    assert.deepEqual(pending, [...pending].sort())
    assert.deepEqual(await database.migrate(), pending)
    assert.deepEqual(await database.pendingMigrations(), [])
    assert.deepEqual(await database.migrate(), [])
    const { rows } = await database.read(({ db }) =>
      sql<{ name: string; at: number }>`select name, at from migration order by name`.execute(db),
    )
    assert.deepEqual(
      rows.map(({ name }) => name),
      pending,
    )
    assert.ok(rows.every(({ at }) => Math.abs(Date.now() - Number(at)) < 60_000))
  })

  says('migrating again keeps what is there', async (opened) => {
    const database = await prepare(opened.database)
    await database.migrate()
    assert.deepEqual({ ...(await database.read((tx) => products.get(tx, product.id))) }, product)
  })

  says('of two processes that migrate at once, each migration is run by one', async (opened) => {
    const opening = opened.again()
    if (opening === null) return
    await using other = await opening
    const pending = await opened.database.pendingMigrations()
    const ran = await Promise.all([opened.database.migrate(), other.migrate()])
    assert.deepEqual(ran.flat().sort(), pending)
    await prepare(opened.database)
  })

  says(
    'a database in which a newer version took something away is refused and left as it was',
    async ({ database }) => {
      await database.migrate()
      await database.write(({ db }) =>
        sql`insert into migration (name, at) values ('9999-contract-later', 1)`.execute(db),
      )
      await assert.rejects(database.migrate(), /newer version of slipway.*9999-contract-later/)
      assert.deepEqual(await database.pendingMigrations(), [])
    },
  )
}

function eventsOf(tx: Tx) {
  return events.after(tx, product.accountId, { seq: 0, limit: 1000 })
}
