import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { migratedDatabase, withoutPostgres } from '../../../test/helpers/postgres.ts'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import { virtualClock } from '../../../test/helpers/virtual-clock.ts'
import type { Context } from '../../engine/context.ts'
import { signingKeys } from '../../engine/signing-keys.ts'
import { entraKeys, openKeyring } from '../../protocols/entra-keys.ts'
import type { Database } from '../../storage/database.ts'
import { openPostgres } from '../../storage/postgres.ts'
import * as table from '../../storage/signing-keys.ts'
import { openSqlite } from '../../storage/sqlite.ts'
import { createTokens, newTokenKey, tokenKeyPurpose } from './tokens.ts'

const time = virtualClock()

/** One process on a shared database; time stands still, so that nothing is read because it is old. */
function processOn(database: Database, seed: number) {
  const context = { database, clock: time, random: seededRandom(seed) } as Partial<Context> as Context
  let reads = 0
  const engine = {
    now: time.now,
    signingKeys(purpose: string, generate?: () => string) {
      reads += 1
      return signingKeys(context, purpose, generate)
    },
  }
  return { engine, reads: () => reads }
}

/** What `slipway key rotate` does of one purpose. */
async function rotate(database: Database, purpose: string, id: string, secret: string): Promise<void> {
  time.advance(1)
  const key = { id, purpose, secret, createdAt: time.now(), retiredAt: null }
  await database.write((tx) => table.insert(tx, key))
}

const places: Record<string, (t: TestContext) => Promise<(() => Database) | string>> = {
  async SQLite(t) {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-tokens-'))
    t.after(() => rm(folder, { recursive: true }))
    return () => openSqlite(join(folder, 'slipway.db'))
  },
  async PostgreSQL(t) {
    const missing = await withoutPostgres('tokens of two processes on PostgreSQL')
    if (missing) return missing
    const { url, [Symbol.asyncDispose]: dispose } = await migratedDatabase()
    t.after(() => dispose())
    return () => openPostgres(url)
  },
}

for (const [name, place] of Object.entries(places)) {
  test(`a token that another process signed with a new key is good at once (${name})`, async (t) => {
    const open = await place(t)
    if (typeof open === 'string') return t.skip(open)
    await using one = open()
    await using other = open()
    await one.migrate()
    const [here, there] = [processOn(one, 1), processOn(other, 2)]
    const [signing, reading] = [createTokens(there.engine), createTokens(here.engine)]
    assert.equal(await reading.read(await signing.issue('first')), 'first')
    for (let round = 0; round < 3; round++) {
      assert.equal(await reading.read(`Atc|${claimsOf(`forged-${round}`)}.x`), undefined)
      await rotate(other, tokenKeyPurpose, `0000000${round}-key`, newTokenKey())
      const token = await signing.issue(`credential ${round}`)
      assert.equal(keyNameOf(token), `0000000${round}-key`)
      assert.equal(await reading.read(token), `credential ${round}`)
    }
  })

  test(`so is one of Entra's, also when the process has just seen that there is no key (${name})`, async (t) => {
    const open = await place(t)
    if (typeof open === 'string') return t.skip(open)
    await using one = open()
    await using other = open()
    await one.migrate()
    const { engine } = processOn(one, 1)
    const reading = openKeyring(engine, 'HS256')
    const signing = openKeyring(processOn(other, 2).engine, 'HS256')
    assert.equal(await reading.find('forged'), undefined)
    const [first] = await signing.all()
    assert.ok(first)
    assert.equal((await reading.find(first.id))?.id, first.id)
    const [, hs256] = entraKeys
    await rotate(other, 'entra-hs256', 'second', (await hs256?.generate()) ?? '')
    assert.equal((await reading.find('second'))?.id, 'second')
  })
}

test('forged tokens share the reads of the keys, one at a time, and one that was refused costs none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-tokens-'))
  t.after(() => rm(folder, { recursive: true }))
  await using database = openSqlite(join(folder, 'slipway.db'))
  await database.migrate()
  const { engine, reads } = processOn(database, 1)
  const tokens = createTokens(engine)
  const good = await tokens.issue('credential')
  const before = reads()
  const forged = Array.from({ length: 500 }, (_each, index) => `Atc|${claimsOf(`key-${index}`)}.x`)
  const answers = await Promise.all(forged.map((token) => tokens.read(token)))
  assert.ok(answers.every((answer) => answer === undefined))
  assert.ok(reads() - before <= 2, `${reads() - before} reads`)

  const shared = reads()
  for (const token of forged) assert.equal(await tokens.read(token), undefined)
  assert.equal(await tokens.read(`Atc|${claimsOf('k'.repeat(5000))}.x`), undefined)
  assert.equal(await tokens.read(good), 'credential')
  assert.equal(reads(), shared)
})

test('whoever comes while the keys are read has them read again: those before may be too old', async () => {
  const turns: (() => void)[] = []
  const stored: { id: string; secret: string }[] = []
  const engine = {
    now: time.now,
    async signingKeys() {
      const seen = [...stored]
      await new Promise<void>((resolve) => turns.push(resolve))
      return seen
    },
  }
  const secret = newTokenKey()
  const signing = createTokens({ now: time.now, signingKeys: async () => [{ id: 'late', secret }] })
  const token = await signing.issue('credential')
  const reading = createTokens(engine)
  const early = reading.read(`Atc|${claimsOf('forged')}.x`)
  await turn()
  stored.push({ id: 'late', secret })
  const [late, too] = [reading.read(token), reading.read(token)]
  await turn()
  assert.equal(turns.length, 1, 'one read at a time')
  turns[0]?.()
  assert.equal(await early, undefined)
  await turn()
  assert.equal(turns.length, 2, 'one more for both')
  turns[1]?.()
  assert.deepEqual([await late, await too], ['credential', 'credential'])
})

/** Until all that could go on has gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function claimsOf(keyName: string): string {
  return Buffer.from(JSON.stringify([keyName, 'credential', time.now() + 1000])).toString('base64url')
}

function keyNameOf(token: string): unknown {
  const [claims = ''] = token.slice('Atc|'.length).split('.')
  return JSON.parse(Buffer.from(claims, 'base64url').toString())[0]
}
