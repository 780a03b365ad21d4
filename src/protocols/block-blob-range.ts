import type { IncomingHttpHeaders } from 'node:http'

export interface ByteRange {
  readonly start: number
  /** Included. */
  readonly end: number
}

/**
 * The range a request asks for; `x-ms-range` counts before `Range`. The service knows `bytes=a-` and `bytes=a-b`;
 * anything else is as if it were not there, as RFC 9110 14.2 allows.
 * @returns `unsatisfiable` for one that begins behind the end
 */
export function rangeOf(headers: IncomingHttpHeaders, size: number): ByteRange | 'unsatisfiable' | undefined {
  const header = headers['x-ms-range'] ?? headers.range
  const match = typeof header === 'string' ? /^bytes=(\d{1,16})-(\d{0,16})$/.exec(header.trim()) : null
  if (!match) return undefined
  const start = Number(match[1])
  const last = match[2] === '' ? Number.POSITIVE_INFINITY : Number(match[2])
  if (last < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: Math.min(last, size - 1) }
}
