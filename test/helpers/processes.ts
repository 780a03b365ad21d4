import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Exit, slipway } from './server-process.ts'

export type Role = 'serve' | 'worker'

/** One process of an installation; for those that come and go. */
export interface RoleProcess {
  readonly role: Role
  readonly pid: number
  /** Where it listens; undefined for a worker, and for a server before it does. */
  readonly url: string | undefined
  /** Resolves when it listens or works. */
  readonly ready: Promise<void>
  /** Resolves when the process is gone. */
  readonly exit: Promise<Exit>
  /** What it wrote to standard error so far: its log. */
  errors(): string
  /** Sends a signal at once and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Exit>
}

/** What a process says when it is ready. */
const readyLine = /^(?:listening on (http:\/\/\S+)|working)$/m

/** Starts `slipway serve` on a free port, or `slipway worker`; the environment is all it is told. */
export function spawnRole(role: Role, env: { readonly [name: string]: string }): RoleProcess {
  const [command, ...main] = slipway
  const child = spawn(command, [...main, role, ...(role === 'serve' ? ['--port', '0'] : [])], {
    cwd: resolve(import.meta.dirname, '../..'),
    // The channel ends the process when the test is killed and can do nothing more about it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, ...env },
  })
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let output = ''
  let errors = ''
  let url: string | undefined
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    const line = readyLine.exec(output)
    if (!line) return
    url = line[1]
    ready.resolve()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const exit = new Promise<Exit>((settle) => {
    child.once('exit', (code, signal) => settle({ code, signal }))
  })
  void exit.then(({ code, signal }) => {
    ready.reject(new Error(`${role} ended with ${signal ?? code} before it was ready:\n${output}${errors}`))
  })
  return {
    role,
    pid: child.pid ?? 0,
    get url() {
      return url
    },
    ready: ready.promise,
    exit,
    errors: () => errors,
    kill(signal = 'SIGKILL') {
      child.kill(signal)
      return exit
    },
  }
}

/** Mebibytes of memory a process has now, or had at most; where Linux tells. */
export function memoryOf(pid: number, what: 'now' | 'most'): number {
  const field = what === 'now' ? 'VmRSS' : 'VmHWM'
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}
