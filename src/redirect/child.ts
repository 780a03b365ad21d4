import { type ChildProcess, spawn } from 'node:child_process'

export interface Child {
  /** Its process group; undefined when it could not be started. */
  readonly group: number | undefined
  /** The child's exit code; 128 + the signal's number when it was killed, 127 when there is no such command. */
  readonly code: Promise<number>
  /** Passes a signal on to the child and all it started. */
  kill(signal: NodeJS.Signals): void
}

const signalNumbers: { readonly [signal: string]: number } = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/**
 * Starts a command in a process group of its own, so that whatever it starts can be ended with it.
 * @param env the whole environment; undefined for this process's own
 */
export function startChild(command: readonly string[], env: NodeJS.ProcessEnv | undefined): Child {
  const [file = '', ...args] = command
  const posix = process.platform !== 'win32'
  const child = spawn(file, args, { stdio: 'inherit', ...(env ? { env } : {}), detached: posix })
  return {
    group: child.pid,
    code: codeOf(child, file),
    kill(signal) {
      if (child.pid === undefined || child.exitCode !== null) return
      try {
        process.kill(posix ? -child.pid : child.pid, signal)
      } catch {
        // It ended just now.
      }
    },
  }
}

function codeOf(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      console.error(`slipway run: ${file}: ${error.code === 'ENOENT' ? 'no such command' : error.message}`)
      resolve(error.code === 'ENOENT' ? 127 : 126)
    })
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signalNumbers[signal ?? ''] ?? 0)))
  })
}
