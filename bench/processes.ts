import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly child: ChildProcess
  /** Milliseconds from the start of the process to its first answer. */
  readonly startedMs: number
  /** Resident memory in bytes; Linux only. */
  memory(): Promise<number>
  /** The most it ever was, in bytes; Linux only. */
  peakMemory(): Promise<number>
}

/** Starts a server that prints `listening on URL`, and waits for its first answer to `GET path`. */
export async function serve(args: readonly string[], path: string): Promise<Served> {
  const start = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (http:\S+)$/.exec(line)?.[1]
    if (url === undefined) continue
    const response = await fetch(`${url}${path}`)
    await response.arrayBuffer()
    const startedMs = performance.now() - start
    const status = (field: string) => memoryField(child.pid, field)
    return {
      url,
      child,
      startedMs,
      memory: () => status('VmRSS'),
      peakMemory: () => status('VmHWM'),
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error(`${args.join(' ')} ended before it was ready`)
}

async function memoryField(pid: number | undefined, field: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024
}

export const slipway = fileURLToPath(new URL('../bin/slipway.js', import.meta.url))
export const peer = fileURLToPath(new URL('./peer.ts', import.meta.url))
