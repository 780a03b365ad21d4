import { setTimeout as delay } from 'node:timers/promises'
import { BlobsUnavailable } from './blob-store.ts'

/** How long a store is waited for, and how often it is asked. */
export interface Patience {
  /** Milliseconds for one attempt, its bytes included. */
  readonly timeoutMs: number
  readonly attempts: number
  /** Milliseconds before the second attempt; twice as many before each one after it. */
  readonly waitMs: number
}

export const usualPatience: Patience = { timeoutMs: 20_000, attempts: 4, waitMs: 200 }

/**
 * Asks the store; `what` is for the log. `longer` is a factor on the time that one attempt has.
 * @throws BlobsUnavailable when it refuses, or fails until the last attempt; its own error for what it does not have
 */
export type Ask = <T>(
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
  options?: { longer?: number },
) => Promise<T>

export function patiently(patience: Patience): Ask {
  return async (what, work, { longer = 1 } = {}) => {
    const { timeoutMs, attempts, waitMs } = patience
    for (let attempt = 1; ; attempt++) {
      try {
        return await within(timeoutMs * longer, work)
      } catch (cause) {
        // It answered: what is asked for is not there, and no waiting brings it.
        if (statusOf(cause) === 404) throw cause
        if (attempt < attempts && mayPass(cause)) {
          await delay(waitMs * 2 ** (attempt - 1))
          continue
        }
        const reason = [statusOf(cause), cause instanceof Error ? cause.message : cause].join(' ').trim()
        throw new BlobsUnavailable(`${what}, attempt ${attempt}: ${reason}`, { cause })
      }
    }
  }
}

/** Not every client library lets go when it is told to: whoever waits here does. */
async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = new Error(`no answer within ${milliseconds} ms`)
    reject(reason)
    abort.abort(reason)
  }, milliseconds)
  try {
    return await Promise.race([work(abort.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What is wrong with the request stays wrong: only what is the service's or the network's is tried again. */
function mayPass(error: unknown): boolean {
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 408 || status === 429
}

/** The status that the service answered with, as either client library tells it; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode, $metadata } = error as {
    statusCode?: number
    $metadata?: { httpStatusCode?: number }
  }
  return statusCode ?? $metadata?.httpStatusCode
}

/** @returns undefined for what the service does not have */
export async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
