/** The readers' bars, beside the tools people have for the same packages; a tool that is missing is said. */
import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createInspector } from '../src/engine/inspector.ts'
import { buildMsix } from '../test/helpers/msix-builder.ts'
import { median, ms, type Report, type Row, times } from './row.ts'

const run = promisify(execFile)
const slipway = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export async function formats(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    return { name: 'formats', rows: [...(await blockMap(folder)), ...(await apk())] }
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
  const warm: number[] = []
  const command: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < 5; round++) {
    const request = { parts: [{ path, size: 0 }], name: 'a.apk', size: 0 }
    const inspected = await timed(() => inspector.inspect(request))
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

function missing(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
