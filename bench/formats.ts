/** The readers' bars, beside the tools people have for the same packages; a tool that is missing is said. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createInspector } from '../src/engine/inspector.ts'
import { buildApk } from '../test/helpers/apk-builder.ts'
import { apkKey } from '../test/helpers/apk-keys.ts'
import { buildMszipCab } from '../test/helpers/cab-builder.ts'
import { driverFolder } from '../test/helpers/inf-builder.ts'
import { buildMsix } from '../test/helpers/msix-builder.ts'
import { median, ms, percent, type Report, type Row, times } from './row.ts'

const run = promisify(execFile)
const slipway = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export async function formats(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    const large = [...(await blockMap(folder)), ...(await largeApk(folder)), ...(await cab(folder))]
    return { name: 'formats', rows: [...large, ...(await apk())] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function blockMap(folder: string): Promise<Row[]> {
  const what = 'block map check of a 500 MiB MSIX against unzip -t and sha256sum'
  const bar = 'at most 1.5 ×'
  if (missing('unzip')) return [{ what, value: 'no unzip', bar }]
  const path = join(folder, 'large.msix')
  // Five files that do not compress, so that no tool has less to do than another.
  const files: { [name: string]: Uint8Array } = { 'Assets\\StoreLogo.png': new Uint8Array(100) }
  for (let index = 0; index < 5; index++) files[`data\\${index}.bin`] = randomBytes(100 * 1024 ** 2)
  const bytes = buildMsix({ files: { 'App.exe': 'MZ', ...files } })
  await writeFile(path, bytes)
  await using inspector = createInspector()
  const ratios: number[] = []
  for (let round = 0; round < 4; round++) {
    const parts = [{ path, size: bytes.length }]
    const ours = await timed(() => inspector.inspect({ parts, name: 'large.msix', size: bytes.length }))
    const theirs = await timed(async () => {
      await run('unzip', ['-tqq', path])
      await run('sha256sum', [path])
    })
    if (round > 0) ratios.push(ours / theirs)
  }
  return [{ what, value: times(median(ratios)), bar }]
}

async function apk(): Promise<Row[]> {
  const folder = dirname(createRequire(import.meta.url).resolve('android-apidemos/package.json'))
  const path = join(folder, 'apks/ApiDemos-debug.apk')
  const what = 'inspect a 6 MiB APK'
  if (missing('apksigner')) return [{ what, value: 'no apksigner', bar: 'at most 1/5 of it' }]
  await using inspector = createInspector()
  const inspect = () => inspector.inspect({ parts: [{ path, size: 0 }], name: 'a.apk', size: 0 })
  for (let round = 0; round < 8; round++) await inspect()
  const warm: number[] = []
  const command: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < 6; round++) {
    const inspected = await timed(inspect)
    const asCommand = await timed(() => run(process.execPath, [slipway, 'inspect', path]))
    const verified = await timed(() => run('apksigner', ['verify', path]))
    if (round === 0) continue
    warm.push(inspected / verified)
    command.push(asCommand / verified)
    theirs.push(verified)
  }
  return [
    {
      what: `${what}, warm, against apksigner verify (${ms(median(theirs))})`,
      value: times(median(warm)),
      bar: 'at most 0.2 ×',
    },
    { what: `${what}, as a command`, value: times(median(command)), bar: 'at most 1 ×' },
  ]
}

/** A game: a thousand files, most of it in a few of them, and none that compresses. */
async function largeApk(folder: string): Promise<Row[]> {
  const entries = Array.from({ length: 1000 }, (_each, index) => ({
    name: `assets/${index}.bin`,
    content: randomBytes(index < 10 ? 20 * 1024 ** 2 : 100 * 1024),
    method: 'stored' as const,
  }))
  const bytes = buildApk({ entries, v2: [{ key: apkKey('bench') }] })
  const path = join(folder, 'large.apk')
  await writeFile(path, bytes)
  await using inspector = createInspector()
  const ratios: number[] = []
  for (let round = 0; round < 4; round++) {
    const parts = [{ path, size: bytes.length }]
    const ours = await timed(() => inspector.inspect({ parts, name: 'large.apk', size: bytes.length }))
    const hashing = await timed(async () => {
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 })) hash.update(chunk)
      hash.digest()
    })
    if (round > 0) ratios.push(hashing / ours)
  }
  const what = `inspect a ${(bytes.length / 1024 ** 2).toFixed(0)} MiB APK of 1000 files, against SHA-256 over the file`
  return [{ what, value: percent(median(ratios)), bar: 'at least 60 %' }]
}

/** 100 MiB of drivers: half compresses well, half not at all. */
async function cab(folder: string): Promise<Row[]> {
  const what = 'inspect a 100 MiB MSZIP CAB against cabextract -t'
  const bar = 'at most 2 ×'
  if (missing('cabextract')) return [{ what, value: 'no cabextract', bar }]
  const files: { [name: string]: Uint8Array | string } = { ...driverFolder('driver', 'bench') }
  for (let index = 0; index < 40; index++) {
    const noise = randomBytes(1.25 * 1024 ** 2)
    files[`driver\\${index}.bin`] = Buffer.concat([noise, Buffer.alloc(noise.length, 'driver ')])
  }
  const bytes = buildMszipCab(files)
  const path = join(folder, 'large.cab')
  await writeFile(path, bytes)
  await using inspector = createInspector()
  const warm: number[] = []
  const command: number[] = []
  for (let round = 0; round < 4; round++) {
    const parts = [{ path, size: bytes.length }]
    const ours = await timed(() => inspector.inspect({ parts, name: 'large.cab', size: bytes.length }))
    // Not sound, as it is not signed, which is exit code 1.
    const asCommand = await timed(() => run(process.execPath, [slipway, 'inspect', path]).catch(() => {}))
    const theirs = await timed(() => run('cabextract', ['-t', path], { maxBuffer: 64 * 1024 ** 2 }))
    if (round === 0) continue
    warm.push(ours / theirs)
    command.push(asCommand / theirs)
  }
  return [
    { what: `${what}, warm`, value: times(median(warm)), bar },
    { what: `${what}, as a command`, value: times(median(command)), bar },
  ]
}

function missing(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
