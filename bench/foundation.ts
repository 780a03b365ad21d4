/** The foundation's bars: start, memory, status, upload, inspection. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createInspector } from '../src/engine/inspector.ts'
import { buildExtension } from '../test/helpers/extension-builder.ts'
import { requestsPerSecond } from './load.ts'
import { peer, type Served, serve, slipway } from './processes.ts'
import { median, mib, ms, percent, type Report, type Row, times } from './row.ts'

const product = '/v1/products/33333333-3333-3333-3333-333333333333/submissions'
const credentials = {
  authorization: 'ApiKey sandbox-api-key',
  'x-clientid': '22222222-2222-2222-2222-222222222222',
}
const uploadBytes = 200 * 1024 ** 2

export async function foundation(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    return {
      name: 'foundation',
      rows: [
        ...(await start(folder)),
        ...(await status(folder)),
        ...(await upload(folder)),
        ...(await inspection(folder)),
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function serveSlipway(data: string, ...flags: string[]): Promise<Served> {
  return serve([slipway, 'serve', '--port', '0', '--log', 'warn', '--data', data, ...flags], '/healthz')
}

/** In turn, so that both meet the same machine; the first start of each warms the caches and does not count. */
async function start(folder: string): Promise<Row[]> {
  const ours: number[] = []
  const bare: number[] = []
  let idle = Number.NaN
  for (let round = 0; round < 8; round++) {
    {
      await using served = await serve([peer, 'answer', '20'], '/')
      if (round > 0) bare.push(served.startedMs)
    }
    await using served = await serveSlipway(join(folder, `start-${round}`))
    if (round > 0) ours.push(served.startedMs)
    if (round === 7) {
      await sleep(2000)
      idle = await served.memory()
    }
  }
  const ratio = median(ours.map((value, index) => value / (bare[index] ?? Number.NaN)))
  return [
    {
      what: `start to first 200, empty data folder: ${ms(median(ours))}, bare node:http ${ms(median(bare))}`,
      value: times(ratio),
      bar: 'at most 5 ×',
    },
    { what: 'idle memory', value: mib(idle), bar: 'at most 110 MiB' },
  ]
}

async function status(folder: string): Promise<Row[]> {
  await using served = await serveSlipway(join(folder, 'status'))
  const operation = await post(served.url, `${product}/draft/package`, buildExtension({ version: '1.0' }))
  const path = `${product}/draft/package/operations/${operation}`
  let answer = ''
  do {
    await sleep(100)
    answer = await (await fetch(`${served.url}${path}`, { headers: credentials })).text()
  } while (answer.includes('InProgress'))
  await using bare = await serve([peer, 'answer', String(answer.length)], '/')
  const load = { path, headers: credentials, connections: 10, milliseconds: 2000 }
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < 6; round++) {
    const mine = await requestsPerSecond({ ...load, url: served.url })
    const other = await requestsPerSecond({ ...load, url: bare.url })
    if (round > 0) {
      ours.push(mine)
      theirs.push(other)
    }
  }
  const ratio = median(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)))
  return [
    {
      what: `GET operation status, 10 connections: ${median(ours).toFixed(0)}/s, bare ${median(theirs).toFixed(0)}/s`,
      value: percent(ratio),
      bar: 'at least 30 %',
    },
  ]
}

async function upload(folder: string): Promise<Row[]> {
  await using served = await serveSlipway(join(folder, 'upload'))
  await using bare = await serve([peer, 'receive', folder], '/')
  const before = await served.memory()
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < 4; round++) {
    const theirMs = await timed(() => send(`${bare.url}/`))
    const ourMs = await timed(() => send(`${served.url}${product}/draft/package`))
    if (round > 0) {
      ours.push(ourMs)
      theirs.push(theirMs)
    }
    // What was uploaded is no archive; its inspection must not run into the next round.
    await sleep(300)
  }
  const ratio = median(ours.map((value, index) => (theirs[index] ?? Number.NaN) / value))
  const grown = (await served.peakMemory()) - before
  return [
    {
      what: `upload of 200 MiB, durable at the 202: ${ms(median(ours))}, bare pipeline ${ms(median(theirs))}`,
      value: percent(ratio),
      bar: 'at least 70 %',
    },
    { what: 'memory grown by that, at its peak', value: mib(grown), bar: 'at most 64 MiB' },
  ]
}

async function inspection(folder: string): Promise<Row[]> {
  await using inspector = createInspector()
  const rows: Row[] = []
  for (const { what, files, size, bar } of [
    { what: '10-file extension', files: 10, size: 2_000, bar: 'at most 20 ms' },
    { what: '500-file, 15 MiB extension', files: 500, size: 31_000, bar: 'at most 300 ms' },
  ]) {
    const path = join(folder, `${files}.zip`)
    const bytes = buildExtension({ version: '1.0', files: sampleFiles(files, size) })
    await writeFile(path, bytes)
    const taken: number[] = []
    for (let round = 0; round < 12; round++) {
      const parts = [{ path, size: bytes.length }]
      const spent = await timed(() => inspector.inspect({ parts, name: 'x.zip', size: bytes.length }))
      if (round > 1) taken.push(spent)
    }
    rows.push({ what: `inspect a ${what}, warm`, value: ms(median(taken)), bar })
  }
  return rows
}

/** Half of it compresses and half does not, as in real packages. */
function sampleFiles(count: number, size: number): { [name: string]: Uint8Array } {
  const files: { [name: string]: Uint8Array } = {}
  let state = 1
  for (let index = 0; index < count; index++) {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at++) {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
      bytes[at] = at % 2 === 0 ? 32 : state >> 16
    }
    files[`scripts/file-${index}.js`] = bytes
  }
  return files
}

async function post(url: string, path: string, body: Uint8Array): Promise<string> {
  const headers = { ...credentials, 'content-type': 'application/zip' }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body })
  return response.headers.get('location') ?? ''
}

const chunk = Buffer.alloc(64 * 1024, 'slipway')

/** Streams the upload as clients do, by chunks and without a length. */
async function send(url: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = { ...credentials, 'content-type': 'application/zip' }
  const call = request(url, { method: 'POST', headers }, (response) => {
    response.resume().on('end', () => (response.statusCode === 202 ? resolve() : reject(response.statusCode)))
  })
  call.on('error', reject)
  let left = uploadBytes / chunk.length
  const write = () => {
    while (left-- > 0) if (!call.write(chunk)) return void call.once('drain', write)
    call.end()
  }
  write()
  await promise
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
