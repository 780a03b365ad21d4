import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { buildExtension } from './extension-builder.ts'
import type { seededRandom } from './seeded-random.ts'
import { waitFor } from './wait-for.ts'

/** What a publisher has just seen; told the moment it is known, before anything else happens. */
export type Moment =
  | 'upload half sent'
  | 'upload accepted'
  | 'upload settled'
  | 'publish accepted'
  | 'publish settled'
  | 'released'

/** A server that comes and goes. */
export interface Unsteady {
  readonly headers: { readonly [name: string]: string }
  /** Its address as soon as there is one. */
  address(): Promise<string>
  isCurrent(address: string): boolean
  reached(moment: Moment): void
}

export interface Acknowledged {
  readonly path: string
  /** The operation resource once it was settled, byte for byte. */
  settled: string | undefined
}

export interface Publisher {
  readonly productId: string
  /** Versions seen in the store, in order. */
  readonly released: string[]
  /** Every operation the server said 202 to. */
  readonly acknowledged: Acknowledged[]
}

interface Settled {
  readonly status: string
  readonly errorCode: string | null
  readonly message: string
}

const filler = Buffer.alloc(1_000_000)
for (let index = 0, state = 1; index < filler.length; index += 4) {
  state = Math.imul(state, 1_664_525) + 1_013_904_223
  filler.writeInt32LE(state | 0, index)
}

/**
 * Releases one version after another, as a pipeline does that tries again until it knows: uploads the next one
 * while the last is in review, spoils some drafts with an unsound upload, publishes. Fails as soon as the server
 * forgets, repeats or changes what it once said.
 */
export async function releaseVersions(
  publisher: Publisher,
  server: Unsteady,
  random: ReturnType<typeof seededRandom>,
  isOver: () => boolean,
): Promise<void> {
  const path = `/v1/products/${publisher.productId}/submissions`
  for (let number = 1; !isOver(); number++) {
    const version = `1.0.${number}`
    await upload(version)
    if (random.below(4) === 0) await uploadUnsound()
    await inStore(number - 1)
    await publish()
    server.reached('publish settled')
  }
  await inStore(Number.POSITIVE_INFINITY)

  async function upload(version: string): Promise<void> {
    const size = [0, 1000, 200_000, 1_000_000][random.below(4)] ?? 0
    const entries = [{ name: 'data.bin', content: filler.subarray(0, size), method: 'stored' as const }]
    const bytes = buildExtension({ version, entries })
    const { operation } = await post(`${path}/draft/package`, 'upload accepted', bytes)
    const settled = await poll(operation)
    assert.equal(settled.status, 'Succeeded', `upload of ${version}: ${settled.message}`)
    server.reached('upload settled')
  }

  async function uploadUnsound(): Promise<void> {
    const { operation } = await post(
      `${path}/draft/package`,
      'upload accepted',
      Buffer.from('no archive at all'),
    )
    const { status, errorCode } = await poll(operation)
    assert.deepEqual({ status, errorCode }, { status: 'Failed', errorCode: 'PackageValidationError' })
  }

  /** A request whose answer was lost may have been carried out: then, and only then, the next one is refused. */
  async function publish(): Promise<void> {
    const { operation, lost } = await post(path, 'publish accepted', Buffer.alloc(0))
    const { status, errorCode, message } = await poll(operation)
    if (lost && (errorCode === 'InProgressSubmission' || errorCode === 'NoModulesUpdated')) return
    assert.equal(status, 'Succeeded', `publish: ${message}`)
  }

  async function post(to: string, accepted: Moment, body: Uint8Array) {
    let lost = false
    for (;;) {
      const address = await server.address()
      const isUpload = to.endsWith('/package')
      const headers = { ...server.headers, ...(isUpload ? { 'content-type': 'application/zip' } : {}) }
      const answer = await ask(address, to, { method: 'POST', headers, ...(isUpload ? streamed(body) : {}) })
      if (answer === 'refused') continue
      if (answer === 'lost' || (answer.status !== 202 && !server.isCurrent(address))) {
        lost = true
        continue
      }
      assert.equal(answer.status, 202, `POST ${to}: ${answer.status} ${answer.text}`)
      const operation: Acknowledged = { path: `${to}/operations/${answer.location}`, settled: undefined }
      publisher.acknowledged.push(operation)
      server.reached(accepted)
      return { operation, lost }
    }
  }

  function streamed(body: Uint8Array): RequestInit {
    const half = body.length >> 1
    async function* halves() {
      yield body.subarray(0, half)
      server.reached('upload half sent')
      await delay(random.below(20))
      yield body.subarray(half)
    }
    return { body: ReadableStream.from(halves()), duplex: 'half' }
  }

  async function poll(operation: Acknowledged): Promise<Settled> {
    return waitFor(
      operation.path,
      async () => {
        const text = await get(operation.path)
        const polled = JSON.parse(text) as Settled
        if (polled.status === 'InProgress') return undefined
        operation.settled = text
        return polled
      },
      { timeoutMs: 60_000, everyMs: 30 },
    )
  }

  /** Waits until no submission is on its way, and so many versions or more have come out in their order. */
  async function inStore(least: number): Promise<void> {
    await waitFor(
      `${publisher.productId}: release ${least}`,
      async () => {
        const text = await get(`/api/v1/products/${publisher.productId}/submissions?limit=200`)
        const { items } = JSON.parse(text) as {
          items: { phase: string; summary: { version: string | null } }[]
        }
        if (items.some(({ phase }) => phase === 'moving')) return undefined
        const out = items.filter(({ phase }) => phase === 'live' || phase === 'past')
        const versions = out.flatMap(({ summary }) => summary.version ?? [])
        assert.deepEqual(versions.slice(0, publisher.released.length), publisher.released)
        const more = versions.slice(publisher.released.length)
        publisher.released.push(...more)
        if (more.length > 0) server.reached('released')
        assert.ok(
          least === Number.POSITIVE_INFINITY || versions.length >= least,
          `${least} published, ${versions} out`,
        )
        return versions
      },
      { timeoutMs: 60_000, everyMs: 40 },
    )
  }

  async function get(from: string): Promise<string> {
    for (;;) {
      const address = await server.address()
      const isApi = from.startsWith('/api/')
      const headers = isApi ? { authorization: `Bearer ${server.headers.token}` } : server.headers
      const answer = await ask(address, from, { headers })
      if (typeof answer === 'string') continue
      if (answer.status < 300) return answer.text
      assert.ok(!server.isCurrent(address), `GET ${from}: ${answer.status} ${answer.text}`)
    }
  }
}

type Answer = { readonly status: number; readonly text: string; readonly location: string | null }

/** `refused`: it certainly never arrived. `lost`: nobody knows. */
async function ask(address: string, path: string, init: RequestInit): Promise<Answer | 'refused' | 'lost'> {
  try {
    const response = await fetch(`${address}${path}`, { ...init, signal: AbortSignal.timeout(20_000) })
    const { status, headers } = response
    const location = headers.get('location')
    if (status === 202 && location !== null)
      return { status, location, text: await response.text().catch(() => '') }
    return { status, location, text: await response.text() }
  } catch (error) {
    if (error instanceof DOMException) throw new Error(`${path}: no answer`, { cause: error })
    await delay(5)
    const { cause } = error as { cause?: { code?: string } }
    return cause?.code === 'ECONNREFUSED' ? 'refused' : 'lost'
  }
}
