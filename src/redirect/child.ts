import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'

export interface Child {
  /** Its process group; undefined when it could not be started. */
  readonly group: number | undefined
  /** As a shell has it: the command's exit code, 128 + the number of the signal that killed it, 127, 126. */
  readonly code: Promise<number>
  /** Passes a signal on to the child and all it started. */
  kill(signal: NodeJS.Signals): void
}

/** Signals that are meant for the command when its runner gets them. */
const passedOn: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGINT', 'SIGTERM']
    : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH']

/**
 * Starts a command in a process group of its own, so that whatever it starts can be ended with it.
 * @param env the whole environment; undefined for this process's own
 */
export function startChild(command: readonly string[], env: NodeJS.ProcessEnv | undefined): Child {
  const [file = '', ...args] = command
  const posix = process.platform !== 'win32'
  const child = spawn(file, args, { stdio: 'inherit', ...(env ? { env } : {}), detached: posix })
  return {
    group: posix ? child.pid : undefined,
    code: codeOf(child, file),
    kill(signal) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      try {
        process.kill(posix ? -child.pid : child.pid, signal)
      } catch {
        // It ended just now.
      }
    },
  }
}

/**
 * Passes signals on until it is disposed. Asked for before the command starts, because it may be running, and be
 * meant, before its start returns.
 */
export function passSignalsOn(child: () => Child | undefined): Disposable {
  const passOn = (signal: NodeJS.Signals) => child()?.kill(signal)
  for (const signal of passedOn) process.on(signal, passOn)
  return {
    [Symbol.dispose]() {
      for (const signal of passedOn) process.off(signal, passOn)
    },
  }
}

function codeOf(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT'
      console.error(`slipway run: ${file}: ${missing ? 'no such command' : error.message}`)
      resolve(missing ? 127 : 126)
    })
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
