import { setTimeout as delay } from 'node:timers/promises'
import { type Json, readJson } from './hardware-client.ts'
import type { seededRandom } from './seeded-random.ts'

export type { Json }

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined for a body that is no JSON. Integers beyond 2^53 are texts. */
  readonly json: Json
  /** Whether an earlier attempt was not answered, so that nobody knows whether it was carried out. */
  readonly lost: boolean
  /** Who answered. */
  readonly address: string | undefined
}

export interface Sending {
  readonly headers?: { readonly [name: string]: string }
  /** An object goes as JSON. */
  readonly body?: string | Uint8Array | object
}

/** What became of attempts, and how often: `answered`, `503`, `ECONNRESET`; `nobody` was there to ask. */
export type Outcomes = Map<string, number>

export type Send = (method: string, path: string, sending?: Sending) => Promise<Reply>

interface Surroundings {
  /** Servers that can be asked; any of them will do. */
  readonly addresses: () => readonly string[]
  readonly random: ReturnType<typeof seededRandom>
  readonly outcomes: Outcomes
  /** Ends all waiting. */
  readonly signal?: AbortSignal
}

const answerMs = 40_000
const patienceMs = 150_000

/**
 * Asks as a client does that wants to know: a refused or broken connection and a 5xx are tried again, with any server,
 * until there is an answer.
 * @throws Error when there is none in {@link patienceMs}, or a server took the request and said nothing
 */
export function patientClient({ addresses, random, outcomes, signal }: Surroundings): Send {
  const count = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1)
  return async (method, path, sending = {}) => {
    const deadline = performance.now() + patienceMs
    let lost = false
    for (;;) {
      const known = addresses()
      const address = known[random.below(Math.max(known.length, 1))]
      const outcome = address === undefined ? 'nobody' : await attempt(method, `${address}${path}`, sending)
      if (typeof outcome === 'object' && outcome.status < 500) {
        count('answered')
        return { ...outcome, lost, address }
      }
      const what = typeof outcome === 'string' ? outcome : `${outcome.status}`
      count(what)
      if (what !== 'nobody' && what !== 'ECONNREFUSED') lost = true
      if (performance.now() > deadline) throw new Error(`${method} ${path}: ${what} for ${patienceMs} ms`)
      await delay(50 + random.below(450), undefined, { signal })
    }
  }
}

async function attempt(
  method: string,
  url: string,
  { headers = {}, body }: Sending,
): Promise<Omit<Reply, 'lost' | 'address'> | string> {
  const isDocument = typeof body === 'object' && !(body instanceof Uint8Array)
  const bytes = body instanceof Uint8Array ? Buffer.from(body) : isDocument ? JSON.stringify(body) : body
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...(isDocument ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(bytes === undefined ? {} : { body: bytes }),
      signal: AbortSignal.timeout(answerMs),
    })
    const text = await answer.text()
    const isJson = text.startsWith('{') || text.startsWith('[')
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? readJson(text) : undefined,
    }
  } catch (error) {
    if (error instanceof DOMException) throw new Error(`${method} ${url}: no answer`, { cause: error })
    const { cause } = error as { cause?: { code?: string } }
    return cause?.code ?? String(error)
  }
}
