/** Uploads in blocks by the official client, to the whole server and to Azurite: pace, and the memory it takes. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startAzurite } from './azurite.ts'
import { devCenterToken } from './dev-center-token.ts'
import { type Served, serve, slipway } from './processes.ts'
import { median, mib, type Report, type Row, times } from './row.ts'

const client = fileURLToPath(new URL('./upload-client.ts', import.meta.url))
const rounds = 3
const gibibyte = 1024

export async function upload(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-upload-'))
  try {
    return { name: 'upload', rows: [...(await pace(folder)), await memory(folder)] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A GiB from the client's memory, so that the client is not what is measured; both servers in turn. */
async function pace(folder: string): Promise<Row[]> {
  await using azurite = await startAzurite(join(folder, 'azurite'))
  await using served = await serveNew(join(folder, 'pace'))
  const url = await draftUrl(served.url)
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await secondsOf(url, gibibyte, round, 'memory'))
    if (azurite)
      theirs.push(await secondsOf(await azurite.uploadUrl(`round-${round}`), gibibyte, round, 'memory'))
  }
  const speed = (seconds: readonly number[]) => `${(gibibyte / median(seconds)).toFixed(0)} MiB/s`
  const what = 'upload of 1 GiB, blocks of 8 MiB, 4 parallel'
  const ratios = theirs.map((seconds, round) => seconds / (ours[round] ?? Number.NaN))
  return [
    azurite
      ? {
          what: `${what}: ${speed(ours)}, Azurite ${azurite.version} ${speed(theirs)}`,
          value: times(median(ratios)),
          bar: 'at least 3 ×',
        }
      : {
          what: `${what}; the package azurite is not installed: not compared with it`,
          value: speed(ours),
          bar: '3 × Azurite',
        },
    { what: 'peak memory during it', value: mib(await served.peakMemory()), bar: 'at most 160 MiB' },
  ]
}

/** Four GiB as a stream, to a server that has seen nothing else. */
async function memory(folder: string): Promise<Row> {
  await using served = await serveNew(join(folder, 'memory'))
  const before = await served.peakMemory()
  const seconds = await secondsOf(await draftUrl(served.url), 4 * gibibyte, rounds, 'stream')
  const speed = `${((4 * gibibyte) / seconds).toFixed(0)} MiB/s`
  return {
    what: `peak memory, upload of 4 GiB as a stream: ${speed}; ${mib(before)} before it`,
    value: mib(await served.peakMemory()),
    bar: 'at most 160 MiB',
  }
}

function serveNew(data: string): Promise<Served> {
  return serve([slipway, 'serve', '--port', '0', '--log', 'warn', '--data', data], '/healthz')
}

async function secondsOf(
  url: string,
  mebibytes: number,
  seed: number,
  from: 'memory' | 'stream',
): Promise<number> {
  const args = [client, url, String(mebibytes), String(seed), from]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return (JSON.parse(stdout) as { seconds: number }).seconds
}

/** Where a new draft of the sandbox's app is uploaded to. */
async function draftUrl(server: string): Promise<string> {
  const bearer = await devCenterToken(server)
  const draft = await fetch(`${server}/v1.0/my/applications/9NSLIPWAY001/submissions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
  })
  const { fileUploadUrl } = (await draft.json()) as { fileUploadUrl?: string }
  if (fileUploadUrl === undefined)
    throw new Error(`the draft answered ${draft.status} without a URL to upload to`)
  return fileUploadUrl
}
