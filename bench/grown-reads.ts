/** What a client waits for a submission, and for a product's list, of a small database and of a large one. */
import { Agent, request } from 'node:http'
import { productOf } from './grown.ts'
import { type Served, serve, slipway } from './processes.ts'
import { median, ms, type Row, times } from './row.ts'

export const few = 1000
export const many = 1_000_000

/** A data folder, and the PostgreSQL that has the database in its place. */
export interface Place {
  readonly data: string
  readonly url?: string
}

export function serveOn({ data, url }: Place): Promise<Served> {
  const where = ['--data', data, ...(url === undefined ? [] : ['--database', url])]
  return serve([slipway, 'serve', '--port', '0', '--log', 'error', ...where], '/healthz')
}

export async function grownReads(name: string, small: Place, grown: Place): Promise<Row[]> {
  await using fewServed = await serveOn(small)
  await using manyServed = await serveOn(grown)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (served: Served, path: string) => get(agent, `${served.url}/api/v1${path}`)
  const byId = (size: number) => `/submissions/s${Math.floor(Math.random() * size)}`
  const byProduct = (size: number) => `/products/${productOf(Math.random() * size)}/submissions?limit=20`
  const rows: Row[] = []
  for (const [what, path] of [
    ['get by id', byId],
    ['list by product', byProduct],
  ] as const) {
    const rounds: [fewer: number, more: number][] = []
    for (let round = 0; round < 9; round++) {
      // In turn, so that both meet the same machine.
      rounds.push([await p99(() => ask(fewServed, path(few))), await p99(() => ask(manyServed, path(many)))])
    }
    const counted = rounds.slice(2)
    const [one, other] = [0, 1].map((side) => median(counted.map((both) => both[side] ?? Number.NaN)))
    rows.push({
      what: `${name}: p99 of ${what} at ${many} submissions against ${few}: ${ms(other ?? 0)}, ${ms(one ?? 0)}`,
      value: times(median(counted.map(([fewer, more]) => more / fewer))),
      bar: 'at most 1.5 ×',
    })
  }
  agent.destroy()
  return rows
}

async function get(agent: Agent, url: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const call = request(url, { agent, headers: { authorization: 'Bearer sandbox-token' } }, (answer) => {
    const done = () =>
      answer.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`))
    answer.resume().on('end', done)
  })
  call.on('error', reject).end()
  await promise
}

/** Milliseconds that the slowest of a hundred takes. */
export async function p99(read: () => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  for (let time = 0; time < 2000; time++) {
    const start = performance.now()
    await read()
    taken.push(performance.now() - start)
  }
  taken.sort((one, other) => one - other)
  return taken[Math.floor(taken.length * 0.99)] ?? Number.NaN
}
