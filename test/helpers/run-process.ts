import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { RunReport } from '../../src/redirect/summary.ts'

export interface RunSpec {
  /** What runs unmodified inside; `sh -c` when it is one text. */
  readonly command: readonly string[] | string
  /** Options of `slipway run`. */
  readonly flags?: readonly string[]
  /** The content of `--faults`: rules, or a whole file with a seed. */
  readonly faults?: unknown
  /** The content of `--seed`. */
  readonly seed?: unknown
  readonly env?: { readonly [name: string]: string }
  /** Where the command runs; a new empty folder unless told otherwise. */
  readonly cwd?: string
  /** In place of this Node and the program, such as the launcher. */
  readonly program?: readonly [string, ...string[]]
  readonly input?: string
}

export interface RunResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Of `--report`, which is always given; undefined when none was written. */
  readonly report: RunReport | undefined
}

export interface RunProcess extends AsyncDisposable {
  readonly pid: number
  readonly result: Promise<RunResult>
  /** The run's own temporary folder is in here. */
  readonly folder: string
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
}

const root = resolve(import.meta.dirname, '../..')
const program: readonly [string, ...string[]] = [process.execPath, join(root, 'src/main.ts')]

const compileCache = join(tmpdir(), 'node-compile-cache')

/** Runs `slipway run` to its end. */
export async function slipwayRun(spec: RunSpec): Promise<RunResult> {
  await using run = await startRun(spec)
  return await run.result
}

/** Starts `slipway run` in a process of its own, with a folder for all it leaves behind. */
export async function startRun(spec: RunSpec): Promise<RunProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-run-test-'))
  const reportPath = join(folder, 'report.json')
  const flags = ['--report', reportPath, ...(spec.flags ?? [])]
  if (spec.faults !== undefined) {
    const file = Array.isArray(spec.faults) ? { faults: spec.faults } : spec.faults
    flags.push('--faults', await writeJson(join(folder, 'faults.json'), file))
  }
  if (spec.seed !== undefined) flags.push('--seed', await writeJson(join(folder, 'seed.json'), spec.seed))
  const [file, ...before] = spec.program ?? program
  const command = typeof spec.command === 'string' ? ['sh', '-c', spec.command] : spec.command
  const child = spawn(file, [...before, 'run', ...flags, '--', ...command], {
    cwd: spec.cwd ?? folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Compiled code is shared between runs, although each has a folder for temporary files to itself.
    env: { NODE_COMPILE_CACHE: compileCache, ...ownEnvironment(), TMPDIR: folder, ...spec.env },
  })
  children.add(child)
  child.stdin.on('error', () => {})
  child.stdin.end(spec.input ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const result = new Promise<RunResult>((settle, fail) => {
    child.once('error', fail)
    child.once('close', async (code, signal) => {
      children.delete(child)
      settle({ code, signal, stdout, stderr, report: await readReport(reportPath) })
    })
  })
  result.catch(() => {})
  return {
    pid: child.pid ?? 0,
    result,
    folder,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await result.catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function writeJson(path: string, value: unknown): Promise<string> {
  await writeFile(path, JSON.stringify(value))
  return path
}

async function readReport(path: string): Promise<RunReport | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunReport
  } catch {
    return undefined
  }
}

/**
 * This process's environment without what would configure the run, its clients or the test runner in it; clients
 * print differently where they take the machine for a CI.
 */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(SLIPWAY_|NODE_TEST|NODE_OPTIONS|NODE_V8_COVERAGE|EDGE_|.*_PROXY$|FORCE_COLOR|CI$|GITHUB_ACTIONS$)/i.test(
        name,
      ),
  )
  return Object.fromEntries([...kept, ['NO_COLOR', '1']])
}

const children = new Set<ChildProcess>()

// Whatever becomes of the test, no run stays behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
