import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** What happened to a submission, or to an operation, as its events tell. */
export interface Told {
  readonly seq: number
  readonly type: string
  readonly productId: string | null
  readonly submissionId: string | null
  readonly data: { readonly [name: string]: unknown }
}

interface Row {
  readonly [column: string]: string
}

export type Query = (sql: string) => Promise<Row[]>

/** Asks a PostgreSQL past the servers, for as long as `use` takes. */
export async function asking<T>(url: string, use: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(async (sql) => (await client.query<Row>(sql)).rows)
  } finally {
    await client.end()
  }
}

/** Every event, in order. */
export async function eventsOf(query: Query): Promise<Told[]> {
  const rows = await query('select seq, type, "productId", "submissionId", data from event order by seq')
  return rows.map(
    (row) => ({ ...row, seq: Number(row.seq), data: JSON.parse(row.data ?? '{}') }) as Told & Row,
  )
}

/**
 * Holds an installation at rest to what must be true of every one: nothing is half done, nothing happened twice, every
 * change of state has its event, and every package its bytes.
 */
export async function assertWholeInstallation(query: Query, blobs: string): Promise<void> {
  assert.deepEqual(await query('select kind, id, "lastError" from job'), [], 'work is left over')
  assert.deepEqual(await query("select id from operation where status = 'in_progress'"), [])
  assert.deepEqual(await query("select id, step from submission where phase = 'moving'"), [])
  assert.deepEqual(
    await query(`select "trackId", phase from submission where phase in ('draft', 'moving', 'live')
      group by 1, 2 having count(*) > 1`),
    [],
    'two of one phase on a track',
  )
  const events = await eventsOf(query)
  await assertOperations(query, events)
  await assertSubmissions(query, events)
  await assertUploads(query, events)
  await assertBytes(query, blobs)
}

async function assertOperations(query: Query, events: readonly Told[]): Promise<void> {
  const told = grouped(events, ({ data }) => data.operationId as string | undefined)
  const rows = await query('select id, status from operation')
  for (const { id = '', status } of rows) {
    const [started, settled, ...more] = told.get(id) ?? []
    assert.equal(started?.type, 'operation.started', id)
    assert.equal(settled?.type, 'operation.settled', id)
    assert.equal(settled?.data.status, status, id)
    assert.deepEqual(more, [], `${id} ended twice`)
  }
  assert.equal(told.size, rows.length, 'events tell of operations that are not there')
}

/** The events of each are one unbroken way from its first step to the one it is in. */
async function assertSubmissions(query: Query, events: readonly Told[]): Promise<void> {
  const told = grouped(events, ({ submissionId }) => submissionId ?? undefined)
  const rows = await query('select id, step, phase, "publishedAt" from submission')
  const known = new Map(rows.map((row) => [row.id, row]))
  for (const [id, own] of told) {
    const [created, ...later] = own.filter(({ type }) =>
      /^submission\.(created|moved|published|deleted)$/.test(type),
    )
    assert.equal(created?.type, 'submission.created', id)
    let step = created?.data.step
    let times = 0
    for (const { type, data } of later) {
      if (type === 'submission.published') times++
      if (type !== 'submission.moved') continue
      assert.equal(data.from, step, `${id}: an event is missing`)
      step = data.to
    }
    const row = known.get(id)
    const isDeleted = later.at(-1)?.type === 'submission.deleted'
    assert.equal(row === undefined, isDeleted, `${id}: deleted, or without an event`)
    if (row) assert.equal(row.step, step, `${id}: its last step has no event`)
    const isPublished = row?.phase === 'live' || row?.phase === 'past'
    assert.equal(times, isPublished && later.length > 0 ? 1 : 0, `${id}: published ${times} times`)
  }
  for (const { id = '' } of rows) assert.ok(told.has(id), `${id} has no events`)
}

async function assertUploads(query: Query, events: readonly Told[]): Promise<void> {
  const put = grouped(
    events.filter(({ type }) => type === 'upload.put'),
    ({ data }) => data.uploadId as string,
  )
  const rows =
    await query(`select upload.id, upload.blob from upload join submission on submission."uploadId" = upload.id
    where upload.blob is not null`)
  for (const { id = '', blob } of rows) {
    const last = put.get(id)?.at(-1)
    assert.equal(last?.data.sha256, blob, `upload ${id}: its bytes have no event`)
  }
}

async function assertBytes(query: Query, blobs: string): Promise<void> {
  const rows = await query('select distinct blob, size from package')
  assert.ok(rows.length > 0, 'there are no packages')
  for (const { blob = '', size } of rows) {
    const bytes = readFileSync(join(blobs, blob.slice(0, 2), blob.slice(2)))
    assert.equal(bytes.length, Number(size))
    assert.equal(createHash('sha256').update(bytes).digest('hex'), blob)
  }
}

function grouped<T>(list: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of list) {
    const key = keyOf(item)
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}
