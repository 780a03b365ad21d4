import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const here = import.meta.dirname

test('what the Edge ledger records of a client is shown by a test of it', () => {
  const sources = readdirSync(here)
    .filter((file) => file !== 'recorded.test.ts')
    .map((file) => readFileSync(join(here, file), 'utf8'))
  const ledger = readFileSync(resolve(here, '../../docs/stores/edge.md'), 'utf8')
  const [, section = ''] = /\n## Clients\n([\s\S]*?)\n## /.exec(ledger) ?? []
  const recorded = section.slice(section.indexOf('| shown by |')).split('\n').slice(2)
  const titles = recorded.flatMap((line) => /`([^`]+)` \|$/.exec(line)?.[1] ?? [])
  assert.ok(titles.length >= 8, `${titles.length} rows`)
  for (const title of titles) {
    assert.ok(
      sources.some((source) => source.includes(`test('${title}'`)),
      `there is no test '${title}'`,
    )
  }
})
