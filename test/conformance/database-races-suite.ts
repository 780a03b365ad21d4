import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Event } from '../../src/engine/types.ts'
import * as accounts from '../../src/storage/accounts.ts'
import type { Database, Tx } from '../../src/storage/database.ts'
import * as events from '../../src/storage/events.ts'
import * as packages from '../../src/storage/packages.ts'
import * as submissions from '../../src/storage/submissions.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { event, pack, prepare, product, submission } from './database-records.ts'
import type { DatabaseUnderTest } from './databases-suite.ts'

/** What two processes on one database may count on, whoever comes first. */
export function databaseRacesSuite(name: string, open: () => Promise<DatabaseUnderTest>): void {
  const says = (behaviour: string, check: (one: Database, other: Database) => Promise<void>) =>
    test(`${name}: ${behaviour}`, { timeout: 60_000 }, async () => {
      await using opened = await open()
      const one = await prepare(opened.database)
      const opening = opened.again()
      assert.ok(opening, 'there is no second handle')
      await using other = await opening
      await check(one, other)
    })

  says('of ten that take the same draft through two handles one gets it', async (one, other) => {
    for (let round = 0; round < 10; round++) {
      const id = `s${round}`
      await one.write((tx) => submissions.insert(tx, submission(id)))
      const take = (through: Database) =>
        through.write(async (tx) => {
          const found = await submissions.get(tx, id)
          assert.ok(found)
          if (found.phase !== 'draft') return 0
          await submissions.save(tx, { ...found, phase: 'past' })
          return 1
        })
      const taken = await Promise.all(Array.from({ length: 10 }, (_each, at) => take(at % 2 ? one : other)))
      assert.deepEqual(taken.toSorted(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    }
  })

  says('what both make where it is missing is made by one and found by the other', async (one, other) => {
    for (let round = 0; round < 10; round++) {
      const id = `account ${round}`
      const make = (through: Database, name: string) =>
        through.write(async (tx) => {
          const found = await accounts.find(tx, id)
          if (found) return found.name
          await accounts.insert(tx, { id, name, createdAt: 1 })
          return name
        })
      const [seen, seenThere] = await Promise.all([make(one, 'one'), make(other, 'other')])
      assert.equal(seen, seenThere)
    }
  })

  says('a rule over two rows holds when each handle changes the other one', async (one, other) => {
    for (let round = 0; round < 10; round++) {
      const ids = [`a${round}`, `b${round}`] as const
      await one.write(async (tx) => {
        for (const id of ids) await submissions.insert(tx, submission(id, { phase: 'past' }))
      })
      const fail = (through: Database, id: string) =>
        through.write(async (tx) => {
          const both = await Promise.all(ids.map((each) => submissions.get(tx, each)))
          const own = both.find((each) => each?.id === id)
          if (!own || both.some((each) => each?.phase === 'failed')) return
          await submissions.save(tx, { ...own, phase: 'failed' })
        })
      await Promise.all([fail(one, ids[0]), fail(other, ids[1])])
      const failed = await one.read((tx) => Promise.all(ids.map((id) => submissions.get(tx, id))))
      assert.equal(failed.filter((each) => each?.phase === 'failed').length, 1)
    }
  })

  says('packages that arrive at once through two handles have positions of their own', async (one, other) => {
    const arrive = (through: Database, id: string) =>
      through.write(async (tx) => {
        await packages.insert(tx, pack(id, { ordinal: await packages.nextOrdinal(tx, product.id) }))
      })
    const ids = Array.from({ length: 20 }, (_each, at) => `p${at}`)
    await Promise.all(ids.map((id, at) => arrive(at % 2 ? one : other, id)))
    const ordinals = (await one.read((tx) => packages.byProduct(tx, product.id, 100))).map(
      ({ ordinal }) => ordinal,
    )
    assert.deepEqual(
      ordinals.toSorted((a, b) => a - b),
      ids.map((_id, at) => at + 1),
    )
  })

  says('what is to happen around a commit happens once, however often the work ran', async (one, other) => {
    await one.write((tx) => submissions.insert(tx, submission('s1')))
    let effects = 0
    const raise = (through: Database) =>
      through.write(async (tx) => {
        tx.afterCommit(() => void effects++)
        events.append(tx, event())
        const found = await submissions.get(tx, 's1')
        assert.ok(found)
        await submissions.save(tx, { ...found, revision: found.revision + 1 })
      })
    await Promise.all(Array.from({ length: 30 }, (_each, at) => raise(at % 2 ? one : other)))
    assert.equal(effects, 30)
    assert.equal((await one.read((tx) => submissions.get(tx, 's1')))?.revision, 30)
    assert.equal((await one.read(allEvents)).length, 30)
  })

  says('who follows the events sees each once and in order, while many write', async (one, other) => {
    const random = seededRandom()
    const writers = 12
    const rounds = 15
    let writing = writers
    const write = async (writer: number) => {
      for (let round = 0; round < rounds; round++) {
        // Some take long over it: they began first and end last.
        const turns = random.bytes(1)[0] ?? 0
        await (writer % 2 ? one : other).write(async (tx) => {
          events.append(tx, event({ data: { writer, round } }))
          for (let left = turns % 8; left > 0; left--) {
            await accounts.count(tx)
            await turn()
          }
          events.append(tx, event({ data: { writer, round: round + 0.5 } }))
        })
      }
      writing--
    }
    const followed: Event[] = []
    const follow = async () => {
      for (let last = false; ; last = writing === 0) {
        const seq = followed.at(-1)?.seq ?? 0
        const found = await one.read((tx) => events.after(tx, product.accountId, { seq, limit: 7 }))
        followed.push(...found)
        if (last && found.length === 0) return
        // SQLite answers at once, and would leave the writers no turn.
        await turn()
      }
    }
    await Promise.all([follow(), ...Array.from({ length: writers }, (_each, writer) => write(writer))])
    assert.equal(followed.length, writers * rounds * 2)
    assert.deepEqual(followed, await one.read(allEvents))
    for (let writer = 0; writer < writers; writer++) {
      const own = followed.filter(({ data }) => data.writer === writer).map(({ data }) => data.round)
      assert.deepEqual(
        own,
        Array.from({ length: rounds * 2 }, (_each, at) => at / 2),
      )
    }
  })

  says('events of two accounts in one transaction make nobody wait for ever', async (one, other) => {
    const both = (through: Database, order: readonly string[]) =>
      through.write(async (tx) => {
        for (const accountId of order) events.append(tx, event({ accountId }))
      })
    const all = Array.from({ length: 20 }, (_each, at) =>
      at % 2 ? both(one, ['account-1', 'account-2']) : both(other, ['account-2', 'account-1']),
    )
    await Promise.all(all)
    assert.equal((await one.read(allEvents)).length, 20)
  })
}

function allEvents(tx: Tx) {
  return events.after(tx, product.accountId, { seq: 0, limit: 10_000 })
}
