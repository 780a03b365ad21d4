import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { stores } from '../src/stores/index.ts'

/**
 * Keeps the fidelity ledgers (`docs/stores/<store>.md`) and the tests in step: a row without a test fails, and so
 * does a test that claims a row which is not there. The convention stands at the top of each ledger.
 */

const root = resolve(import.meta.dirname, '..')
const ledgers = join(root, 'docs/stores')

interface Row {
  readonly id: string
  readonly titles: readonly string[]
}

/** The first text argument of every call that is not skipped, tests among them. */
function callTitles(folder: string): string[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  )
  const call =
    /(?<=\w)(?<!\.(?:skip|todo))(?:<[^()]*>)?\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\$])*)`)\s*,/g
  return files.flatMap((file) =>
    [...withoutComments(readFileSync(join(folder, file), 'utf8')).matchAll(call)].map(
      ([, single, double, template]) => (single ?? double ?? template ?? '').replace(/\\(.)/gs, '$1'),
    ),
  )
}

/** A test that is commented out proves nothing. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/\/.*$/gm, '')
}

/** `[6-17][E1]` at the end of a title: the rows it proves. */
function tagsOf(title: string): string[] {
  const [tags = ''] = /(?:\[[A-Za-z0-9.-]+\])+$/.exec(title) ?? []
  return tags.split(/[[\]]+/).filter(Boolean)
}

/** Rows of the tables whose first column is `row` and whose last is `proved by`. */
function rowsOf(ledger: string): Row[] {
  const rows: Row[] = []
  let inLedger = false
  for (const line of ledger.split('\n')) {
    if (!line.startsWith('|')) {
      inLedger = false
      continue
    }
    const cells = line.split('|').slice(1, -1)
    const [first = '', last = ''] = [cells[0]?.trim(), cells.at(-1)?.trim()]
    if (first === 'row' && last === 'proved by') inLedger = true
    else if (inLedger && !/^-+$/.test(first)) {
      rows.push({ id: first, titles: [...last.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '') })
    }
  }
  return rows
}

/** `<!-- rows: E1..E4, 6-1..6-42, X -->`: the ids that must be there. */
function declaredIds(ledger: string): string[] {
  const list = /<!-- rows: (.*?) -->/.exec(ledger)?.[1] ?? ''
  return list.split(/,\s*/).flatMap((item) => {
    const range = /^(.*?)(\d+)\.\.(.*?)(\d+)$/.exec(item.trim())
    if (!range) return item === '' ? [] : [item.trim()]
    const [, prefix = '', from, other, to] = range
    assert.equal(prefix, other, `the range ${item} changes its prefix`)
    return Array.from(
      { length: Number(to) - Number(from) + 1 },
      (_, index) => `${prefix}${Number(from) + index}`,
    )
  })
}

test('every store has a fidelity ledger', () => {
  const missing = stores.filter(({ spec }) => !existsSync(join(ledgers, `${spec.store}.md`)))
  assert.deepEqual(
    missing.map(({ spec }) => `docs/stores/${spec.store}.md`),
    [],
  )
})

for (const file of readdirSync(ledgers).filter((name) => name.endsWith('.md'))) {
  const store = file.slice(0, -'.md'.length)
  const ledger = readFileSync(join(ledgers, file), 'utf8')
  const rows = rowsOf(ledger)
  const own = callTitles(join(root, 'src/stores', store))
  const ownTitles = new Set(own)
  const allTitles = new Set([...own, ...callTitles(join(root, 'test/clients'))])

  test(`${file}: it has the rows it declares, each once, and no others`, () => {
    const declared = declaredIds(ledger)
    assert.ok(declared.length > 0, 'declare the rows: <!-- rows: 1-1..1-9 -->')
    assert.deepEqual(rows.map(({ id }) => id).sort(), declared.sort())
  })

  test(`${file}: every row names a test, and every test it names is there`, () => {
    for (const { id, titles } of rows) {
      assert.ok(titles.length > 0, `row ${id} is proved by nothing`)
      for (const title of titles) assert.ok(allTitles.has(title), `row ${id}: there is no test '${title}'`)
    }
  })

  test(`${file}: a test of the store that a row names says so in its title`, () => {
    for (const { id, titles } of rows) {
      for (const title of titles) {
        if (ownTitles.has(title))
          assert.ok(tagsOf(title).includes(id), `row ${id}: '${title}' has no [${id}]`)
      }
    }
  })

  test(`${file}: every test that claims to prove a row stands in it`, () => {
    const byId = new Map(rows.map(({ id, titles }) => [id, titles]))
    for (const title of ownTitles) {
      for (const tag of tagsOf(title)) {
        assert.ok(byId.get(tag)?.includes(title), `'${title}' is not in row ${tag}`)
      }
    }
  })
}
