import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formats } from './index.ts'

test('every format is listed under the name and the endings that its reader has', async () => {
  for (const listed of formats) {
    const format = await listed.load()
    assert.equal(format.name, listed.name)
    assert.deepEqual(format.extensions, listed.extensions)
  }
})
