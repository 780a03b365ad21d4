import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pool } from 'pg'
import { releasedOnce } from './released-once.ts'

test('a connection that is given back twice comes back once, broken as it was said to be first', () => {
  const back: unknown[] = []
  const pool = {
    connect: (given: (error: undefined, client: object, done: (broken?: unknown) => void) => void) =>
      given(undefined, {}, (broken) => void back.push(broken)),
    totalCount: 7,
  }
  const once = releasedOnce(pool as unknown as Pool)
  once.connect((_error, client, done) => {
    assert.ok(client)
    done(true)
    done()
  })
  assert.deepEqual(back, [true])
  assert.equal(once.totalCount, 7)
})
