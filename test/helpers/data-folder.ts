import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { listEnding, nameOfPartList, readPartList } from '../../src/blobs/part-list.ts'

type Row = { readonly [column: string]: unknown }

/** Asks the database of a data folder, past the server. */
export function query(folder: string, sql: string, ...parameters: (string | number)[]): Row[] {
  const database = new DatabaseSync(join(folder, 'slipway.db'), { readOnly: true, timeout: 10_000 })
  try {
    return database.prepare(sql).all(...parameters) as Row[]
  } finally {
    database.close()
  }
}

/**
 * Holds a data folder at rest to what must be true of every one: nothing is half done, nothing happened twice,
 * every package and every upload has its bytes.
 */
export function assertWhole(folder: string): void {
  const rows = (sql: string) => query(folder, sql).map((row) => Object.values(row).join(' '))
  assert.deepEqual(rows('pragma integrity_check'), ['ok'])
  assert.deepEqual(rows('pragma foreign_key_check'), [])

  const positions = query(folder, 'select seq from event order by rowid').map(({ seq }) => Number(seq))
  assert.equal(new Set(positions).size, positions.length, 'two events have one position')

  assert.deepEqual(rows('select kind, id from job'), [], 'work is left over')
  assert.deepEqual(rows("select id from operation where status = 'in_progress'"), [])
  assert.deepEqual(rows("select id, step from submission where phase = 'moving'"), [])
  assert.deepEqual(
    rows(`select trackId, phase, count(*) from submission where phase in ('draft', 'moving', 'live')
      group by trackId, phase having count(*) > 1`),
    [],
  )

  const perOperation = `select json_extract(data, '$.operationId') as id, type, count(*) as times
    from event where type in ('operation.started', 'operation.settled') group by 1, 2`
  assert.deepEqual(rows(`select id, type, times from (${perOperation}) where times <> 1`), [])
  assert.deepEqual(
    rows(`select id from operation where (select count(*) from (${perOperation}) as told
      where told.id = operation.id) <> 2`),
    [],
    'an operation did not start and end exactly once',
  )

  assert.deepEqual(
    rows(`select submissionId, count(*) from event where type = 'submission.published'
      group by submissionId having count(*) > 1`),
    [],
    'published twice',
  )
  assert.deepEqual(
    rows(`select id, phase from submission where verdict is not null and phase in ('live', 'past')
      and not exists (select 1 from event where type = 'submission.published' and submissionId = submission.id)
      and not exists (select 1 from submission as given where given.id = submission.clonedFrom
        and given.accountId <> submission.accountId)`),
    [],
    'in the store without ever being published',
  )
  assert.deepEqual(
    rows(`select submissionId, json_extract(data, '$.to') as step, count(*) from event
      where type = 'submission.moved' group by 1, 2 having count(*) > 1`),
    [],
    'entered a step twice',
  )
  assertBytes(folder)
}

function assertBytes(folder: string): void {
  const tmp = join(folder, 'blobs', 'tmp')
  assert.deepEqual(readdirSync(tmp), [], 'half-written packages are left over')
  const named = `select blob, size from package union select blob, size from upload where blob is not null`
  for (const { blob, size } of query(folder, named)) {
    assert.equal(blobOf(folder, String(blob)).length, size)
  }
}

/** The bytes of that name, held to it; of what was put in blocks there is a list of such names instead. */
function blobOf(folder: string, name: string): Buffer {
  const path = join(folder, 'blobs', name.slice(0, 2), name.slice(2))
  if (existsSync(path)) {
    const bytes = readFileSync(path)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), name)
    return bytes
  }
  const list = readFileSync(`${path}${listEnding}`, 'utf8')
  assert.equal(nameOfPartList(list), name)
  return Buffer.concat(readPartList(list).map(({ sha256 }) => blobOf(folder, sha256)))
}
