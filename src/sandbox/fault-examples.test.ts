import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { edgeAttempts } from '../../test/helpers/edge-attempts.ts'
import { startEdge } from '../../test/helpers/edge-client.ts'

const page = await readFile(resolve(import.meta.dirname, '../../docs/faults.md'), 'utf8')
const examples = page.matchAll(/\n([^\n]+):\n\n```json\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)

let count = 0
for (const [, what = '', file = '', story = ''] of examples) {
  count += 1
  test(`the documented example does what it says: ${what}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'faults.json')
    await writeFile(path, file)
    await using server = await startEdge({ faults: path })
    assert.deepEqual(await edgeAttempts(server), story.trimEnd().split('\n'))
  })
}

test('the page has its examples, and the table every effect', () => {
  assert.ok(count >= 8, `${count} examples`)
  for (const effect of ['error', 'answer', 'delayMs', 'drop', 'step', 'operation']) {
    assert.ok(page.includes(`| \`{"${effect}":`), effect)
  }
})
