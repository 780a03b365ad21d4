/** The same reads as `grown-reads.ts` without a server around them, where a read takes microseconds. */
import type { Database } from '../src/storage/database.ts'
import * as submissions from '../src/storage/submissions.ts'
import { at, productOf } from './grown.ts'
import { few, many, p99 } from './grown-reads.ts'
import { median, type Row, times } from './row.ts'

type Read = (database: Database, size: number) => Promise<unknown>

const readById: Read = (database, size) =>
  database.read((tx) => submissions.get(tx, `s${Math.floor(Math.random() * size)}`))

const readByProduct: Read = (database, size) =>
  database.read((tx) =>
    submissions.list(tx, productOf(Math.random() * size), { after: { createdAt: at, id: '' }, limit: 20 }),
  )

export async function storageReads(name: string, small: Database, grown: Database): Promise<Row[]> {
  return [
    await readRow(`${name}: p99 of get by id, inside the process,`, small, grown, readById),
    await readRow(`${name}: p99 of list by product, inside the process,`, small, grown, readByProduct),
  ]
}

/** In turn, so that both meet the same machine; the first rounds warm up. */
async function readRow(what: string, small: Database, grown: Database, read: Read): Promise<Row> {
  const rounds: [fewer: number, more: number][] = []
  for (let round = 0; round < 11; round++) {
    rounds.push([await p99(() => read(small, few)), await p99(() => read(grown, many))])
  }
  const counted = rounds.slice(4)
  const [one, other] = [0, 1].map((side) => 1000 * median(counted.map((both) => both[side] ?? Number.NaN)))
  return {
    what: `${what} at ${many} submissions against ${few}: ${other?.toFixed(0)} µs, ${one?.toFixed(0)} µs`,
    value: times(median(counted.map(([fewer, more]) => more / fewer))),
    bar: 'at most 1.5 ×',
  }
}
