/** Requests on PostgreSQL beside the bare driver doing the same reads and writes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BareQueries, bareQueries, type Rows } from './bare-queries.ts'
import { benchDatabase } from './bench-database.ts'
import { devCenterToken } from './dev-center-token.ts'
import { requestsPerSecond } from './load.ts'
import { serve, slipway } from './processes.ts'
import { median, percent, type Row } from './row.ts'

const atOnce = 10
const windowMs = 2500

/** An app with a draft for every connection, so that none meets another. */
interface Draft extends Rows {
  readonly path: string
  readonly body: string
}

export async function postgresRequests(): Promise<Row[]> {
  await using made = await benchDatabase('requests')
  if (!made) return []
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const env = { DATABASE_URL: made.url, SLIPWAY_DATA: folder, SLIPWAY_LOG: 'warn' }
  Object.assign(process.env, env)
  try {
    await using served = await serve([slipway, 'serve', '--port', '0'], '/healthz')
    await using bare = await bareQueries(made.url)
    const headers = {
      authorization: `Bearer ${await devCenterToken(served.url)}`,
      'content-type': 'application/json',
    }
    const drafts: Draft[] = []
    for (let nth = 0; nth < atOnce; nth++) drafts.push(await draft(served.url, headers, nth))
    return await compare(served.url, headers, bare, drafts)
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(
  url: string,
  headers: Headers,
  bare: BareQueries,
  drafts: readonly Draft[],
): Promise<Row[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const put = ({ path, body }: Draft) => send(`${url}${path}`, { method: 'PUT', agent, headers }, body)
  const [first] = drafts
  const load = { url, path: `${first?.path}/status`, headers, connections: atOnce, milliseconds: windowMs }
  const status = await ratio(
    () => requestsPerSecond(load),
    () => perSecond(drafts, (one) => bare.status(one)),
  )
  const document = await ratio(
    () => perSecond(drafts, (one) => put(one)),
    () => perSecond(drafts, (one) => bare.document(one, one.body)),
  )
  agent.destroy()
  return [
    {
      what: `PostgreSQL: GET status against bare queries, 10 connections: ${status.shown}`,
      value: percent(status.ratio),
      bar: 'at least 40 %',
    },
    {
      what: `PostgreSQL: PUT of a document against bare queries, 10 connections: ${document.shown}`,
      value: percent(document.ratio),
      bar: 'at least 30 %',
    },
  ]
}

type Work = (draft: Draft) => Promise<void>

/** In turn, so that both meet the same machine; the first round warms up. */
async function ratio(ours: () => Promise<number>, theirs: () => Promise<number>) {
  const rounds: [number, number][] = []
  for (let round = 0; round < 4; round++) rounds.push([await ours(), await theirs()])
  const counted = rounds.slice(1)
  const shown = [0, 1].map((side) => median(counted.map((both) => both[side] ?? Number.NaN)).toFixed(0))
  return { ratio: median(counted.map(([our, their]) => our / their)), shown: `${shown.join('/s, ')}/s` }
}

async function perSecond(drafts: readonly Draft[], work: Work): Promise<number> {
  const start = performance.now()
  let done = 0
  await Promise.all(
    drafts.map(async (draft) => {
      while (performance.now() < start + windowMs) {
        await work(draft)
        done += 1
      }
    }),
  )
  return done / ((performance.now() - start) / 1000)
}

type Headers = { readonly [name: string]: string }

async function draft(url: string, headers: Headers, nth: number): Promise<Draft> {
  const native = { authorization: 'Bearer sandbox-token', 'content-type': 'application/json' }
  const post = async (path: string, as: Headers, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: as,
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as { id: string }
  }
  const id = `9NBENCH0000${nth}`
  const seeded = await fetch(`${url}/api/v1/products/9NSLIPWAY001/submissions`, { headers: native })
  const { items } = (await seeded.json()) as { items: { content: object }[] }
  const product = { store: 'microsoft', kind: 'app', name: `App ${nth}`, id, published: items[0]?.content }
  await post('/api/v1/products', native, product)
  const made = await post(`/v1.0/my/applications/${id}/submissions`, headers)
  return {
    productId: id,
    submissionId: made.id,
    path: `/v1.0/my/applications/${id}/submissions/${made.id}`,
    body: JSON.stringify({ ...made, notesForCertification: 'Nothing to say. '.repeat(60) }),
  }
}

async function send(
  url: string,
  options: { method: string; agent: Agent; headers: Headers },
  body: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const call = request(url, options, (answer) => {
    const done = () =>
      answer.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`))
    answer.resume().on('end', done)
  })
  call.on('error', reject)
  call.setHeader('content-length', Buffer.byteLength(body))
  call.end(body)
  await promise
}
