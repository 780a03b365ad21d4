import { type Logger, pino } from 'pino'

export interface LogTarget {
  /** A person reads along: short lines instead of JSON. */
  readonly terminal: boolean
  write(line: string): void
}

/** The log: JSON lines with request ids for machines, one short line each for people. Secrets never get in. */
export function createLog(level: string, target: LogTarget): Logger {
  const write = target.terminal ? (line: string) => target.write(forPeople(line)) : target.write
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'headers.authorization', 'secret', 'token'],
    },
    { write },
  )
}

/** URLs carry signatures and secrets in their query; the log keeps the names only. */
export function redactUrl(url: string): string {
  const question = url.indexOf('?')
  if (question < 0) return url
  const names = [...new URLSearchParams(url.slice(question + 1)).keys()]
  return `${url.slice(0, question)}?${names.join('&')}`
}

function forPeople(line: string): string {
  const { time, level, msg, method, url, status, ms, err } = JSON.parse(line) as { [name: string]: unknown }
  const clock = String(time).slice(11, 23)
  if (method !== undefined) return `${clock}  ${method} ${url}  ${status}  ${ms} ms\n`
  const reason = (err as { stack?: string; message?: string } | undefined)?.stack ?? ''
  return `${clock}  ${Number(level) >= 40 ? '! ' : ''}${msg}${reason === '' ? '' : `\n${reason}`}\n`
}
