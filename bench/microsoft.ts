/** The Microsoft Store's bars: documents, status, the whole way, and the block map of a large package. */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildMsix } from '../test/helpers/msix-builder.ts'
import { buildZip } from '../test/helpers/zip-builder.ts'
import { devCenterToken } from './dev-center-token.ts'
import { requestsPerSecond } from './load.ts'
import { peer, serve, slipway } from './processes.ts'
import { median, ms, percent, type Report, type Row } from './row.ts'

const app = '/v1.0/my/applications/9NSLIPWAY001/submissions'
const instant = ['--pace', '0']

export async function microsoft(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    const args = [
      slipway,
      'serve',
      '--port',
      '0',
      '--log',
      'warn',
      '--data',
      join(folder, 'data'),
      ...instant,
    ]
    await using served = await serve(args, '/healthz')
    const token = await devCenterToken(served.url)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return {
      name: 'microsoft',
      rows: [
        ...(await way(served.url, headers)),
        ...(await documents(served.url, headers, folder)),
        ...(await status(served.url, { authorization: `Bearer ${token}` })),
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Draft {
  readonly id: string
  readonly fileUploadUrl: string
  readonly applicationPackages: readonly object[]
  readonly listings: { readonly [language: string]: { readonly baseListing: object } }
}

type Headers = { readonly [name: string]: string }

async function json<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

/** Create, put, upload 10 MiB, commit, until Published; certification takes no time of its own. */
async function way(url: string, headers: Headers): Promise<Row[]> {
  const taken: number[] = []
  for (let round = 0; round < 6; round++) {
    const msix = buildMsix({
      version: `${round + 2}.0.0.0`,
      files: { 'App.exe': noise(10 * 1024 ** 2), 'Assets\\StoreLogo.png': 'x' },
    })
    const body = buildZip([{ name: 'app.msix', content: msix, method: 'stored' }])
    const start = performance.now()
    const draft = await json<Draft>(`${url}${app}`, { method: 'POST', headers })
    const packages = draft.applicationPackages.map((pack) => ({ ...pack, fileStatus: 'PendingDelete' }))
    const fresh = { fileName: 'app.msix', fileStatus: 'PendingUpload' }
    const document = JSON.stringify({ ...draft, applicationPackages: [...packages, fresh] })
    await json(`${url}${app}/${draft.id}`, { method: 'PUT', headers, body: document })
    const put = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body }
    const upload = await fetch(draft.fileUploadUrl, put)
    if (upload.status !== 201) throw new Error(`the upload answered ${upload.status}`)
    await json(`${url}${app}/${draft.id}/commit`, { method: 'POST', headers })
    for (let state = ''; state !== 'Published'; ) {
      const { status: now } = await json<{ status: string }>(`${url}${app}/${draft.id}/status`, { headers })
      if (now.endsWith('Failed')) throw new Error(`the submission is ${now}`)
      state = now
    }
    if (round > 0) taken.push(performance.now() - start)
  }
  return [
    {
      what: 'create → put → upload 10 MiB → commit → Published, certification set to zero',
      value: ms(median(taken)),
      bar: 'at most 250 ms',
    },
  ]
}

/** Durable updates of a 200 KiB document, beside bare commits of as many bytes. */
async function documents(url: string, headers: Headers, folder: string): Promise<Row[]> {
  const draft = await json<Draft>(`${url}${app}`, { method: 'POST', headers })
  const filler = 'An app to try a release pipeline with. '.repeat(250)
  const listings: { [language: string]: object } = {}
  const languages = ['en-us', 'de-de', 'fr-fr', 'es-es', 'it-it', 'ja-jp', 'ko-kr', 'nl-nl', 'pl-pl', 'pt-br']
  for (const language of [...languages, ...languages.map((one) => `${one.slice(0, 2)}-xx`)]) {
    listings[language] = {
      baseListing: { title: 'Sandbox app', description: filler, images: [] },
      platformOverrides: {},
    }
  }
  // Made beforehand and not read back, so that the client is not what is measured.
  const bodies = Array.from({ length: 16 }, (_each, round) =>
    Buffer.from(JSON.stringify({ ...draft, listings, notesForCertification: `round ${round}` })),
  )
  const size = bodies[0]?.length ?? 0
  let round = 0
  const next = () => bodies[round++ % bodies.length] ?? Buffer.alloc(0)
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  const address = `${url}${app}/${draft.id}`
  const ours = await warmPerSecond(() => put(address, { agent, headers }, next()))
  agent.destroy()
  const database = new DatabaseSync(join(folder, 'bare.db'))
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = full; create table t (id integer primary key, v text)',
  )
  const write = database.prepare('insert or replace into t values (1, ?)')
  const texts = bodies.map((body) => body.toString())
  const bare = await warmPerSecond(async () => void write.run(texts[round++ % texts.length] ?? ''))
  database.close()
  const what = `PUT of a ${(size / 1024).toFixed(0)} KiB submission document, durable: ${ours.toFixed(0)}/s, bare commits ${bare.toFixed(0)}/s`
  return [{ what, value: percent(ours / bare), bar: '400/s or 40 %' }]
}

async function put(url: string, options: { agent: Agent; headers: Headers }, body: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const call = request(url, { method: 'PUT', ...options }, (answer) => {
    const done = () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`)))
    answer.resume().on('end', done)
  })
  call.on('error', reject)
  call.setHeader('content-length', body.length)
  call.end(body)
  await promise
}

async function status(url: string, headers: Headers): Promise<Row[]> {
  const { value } = await json<{ value: { lastPublishedApplicationSubmission: { id: string } }[] }>(
    `${url}/v1.0/my/applications`,
    { headers },
  )
  const path = `${app}/${value[0]?.lastPublishedApplicationSubmission.id}/status`
  const answer = await (await fetch(`${url}${path}`, { headers })).text()
  await using bare = await serve([peer, 'answer', String(answer.length)], '/')
  const load = { path, headers, connections: 10, milliseconds: 2000 }
  const ratios: number[] = []
  for (let round = 0; round < 5; round++) {
    const ours = await requestsPerSecond({ ...load, url })
    const theirs = await requestsPerSecond({ ...load, url: bare.url })
    if (round > 0) ratios.push(ours / theirs)
  }
  return [{ what: 'GET status, 10 connections', value: percent(median(ratios)), bar: 'at least 30 %' }]
}

/** The first rounds warm up, as a server that runs has. */
async function warmPerSecond(work: () => Promise<void>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 5; round++) rounds.push(await perSecond(work))
  return median(rounds.slice(2))
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const end = performance.now() + 3000
  const start = performance.now()
  let done = 0
  // Ten at once, as a server meets them.
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      while (performance.now() < end) {
        await work()
        done += 1
      }
    }),
  )
  return done / ((performance.now() - start) / 1000)
}

function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = 1
  for (let at = 0; at < size; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[at] = state >> 16
  }
  return bytes
}
