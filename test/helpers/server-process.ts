import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { Config } from '../../src/config.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A server in a process of its own; killed, if nothing else ended it, when it is disposed. */
export interface ServerProcess extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string
  readonly pid: number
  /** Resolves when the process is gone. */
  readonly exit: Promise<Exit>
  /** What it wrote to standard error so far: its log. */
  errors(): string
  /** Reads no more of what it writes, as a log reader that died. */
  deafen(): void
  /** Resolves when standard error has shown that text. */
  says(text: string | RegExp): Promise<void>
  /** Sends a signal at once and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Exit>
}

export interface ServerProcessOptions {
  readonly flags?: { readonly [Name in keyof Config]?: string }
  readonly env?: { readonly [name: string]: string }
  /** What to run in place of this Node and the program; the arguments of `serve` follow. */
  readonly command?: readonly [string, ...string[]]
  /** In a process group of its own, as a shell starts what it runs. */
  readonly detached?: boolean
}

const root = resolve(import.meta.dirname, '../..')

/** The program itself, run by the Node that runs the tests. */
export const slipway: readonly [string, ...string[]] = [process.execPath, resolve(root, 'src/main.ts')]

const startMs = 30_000

/**
 * Starts `slipway serve` on a free port and waits until it listens.
 * @throws Error with what it wrote when it ends before, or does not listen in time
 */
export async function startServerProcess(
  data: string,
  options: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const starting = spawnServer(data, options)
  try {
    return await starting.listening
  } catch (error) {
    await starting.kill('SIGKILL')
    throw error
  }
}

/** As {@link startServerProcess}, for those who want to kill it while it starts. */
export function spawnServer(
  data: string,
  options: ServerProcessOptions = {},
): Pick<ServerProcess, 'kill' | 'exit' | 'errors'> & { readonly listening: Promise<ServerProcess> } {
  const [command, ...before] = options.command ?? slipway
  const flags = Object.entries({ data, port: '0', ...options.flags }).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value ?? '',
  ])
  const child = spawn(command, [...before, 'serve', ...flags], {
    cwd: root,
    // The channel ends the server when the test process is killed and can do nothing more about it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: options.detached ?? false,
    env: { ...ownEnvironment(), ...options.env },
  })
  children.add(child)
  const exit = new Promise<Exit>((settle) => {
    child.once('error', () => settle({ code: null, signal: null }))
    child.once('exit', (code, signal) => settle({ code, signal }))
  }).finally(() => children.delete(child))

  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal)
    return exit
  }

  async function listen(): Promise<ServerProcess> {
    const url = await addressOf(child, exit, () => errors)
    return {
      url,
      pid: child.pid ?? 0,
      exit,
      errors: () => errors,
      deafen() {
        child.stdout?.destroy()
        child.stderr?.destroy()
      },
      async says(text) {
        const said = () => (typeof text === 'string' ? errors.includes(text) : text.test(errors))
        while (!said()) await once(child.stderr ?? child, 'data', { signal: AbortSignal.timeout(startMs) })
      },
      kill,
      [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')),
    }
  }
  const listening = listen()
  listening.catch(() => {})
  return { exit, kill, errors: () => errors, listening }
}

async function addressOf(child: ChildProcess, exit: Promise<Exit>, errors: () => string): Promise<string> {
  const { promise, resolve: found, reject } = Promise.withResolvers<string>()
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    const line = /^listening on (http:\/\/\S+)$/m.exec(output)
    if (line?.[1] !== undefined) found(line[1])
  })
  const fail = (what: string) => reject(new Error(`the server ${what}:\n${output}${errors()}`))
  const timer = setTimeout(() => fail(`did not listen within ${startMs} ms`), startMs)
  void exit.then(({ code, signal }) => fail(`ended with ${signal ?? code} before it listened`))
  return promise.finally(() => clearTimeout(timer))
}

/** This process's environment without what would configure the server or the test runner in it. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('SLIPWAY_') && !name.startsWith('NODE_TEST'),
  )
  return Object.fromEntries(kept)
}

const children = new Set<ChildProcess>()

// Whatever becomes of the test, none of its processes stays behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
