import { request } from 'node:http'

export interface Question {
  readonly method?: string
  readonly path: string
  readonly headers?: { readonly [name: string]: string }
  /** Bytes are sent with Content-Length, a stream chunked, undefined not at all. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
}

export interface RawAnswer {
  readonly status: number
  /** The HTTP reason phrase. */
  readonly reason: string
  /** Lower-case names in the order of the wire, the connection's own ones included. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  /** Whether the server said `100 Continue` first. */
  readonly continued: boolean
}

/**
 * Asks a listening server over a socket, for what an injected request does not show: reason phrases, transfer
 * codings, `Expect`, interrupted bodies.
 * @throws Error when the connection breaks before the answer
 */
export function ask(
  address: string,
  { method = 'GET', path, headers = {}, body }: Question,
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const length = bytes instanceof Uint8Array ? { 'content-length': bytes.byteLength } : {}
  const outgoing = request(`${address}${path}`, { method, agent: false, headers: { ...headers, ...length } })
  let continued = false
  outgoing.on('continue', () => {
    continued = true
  })
  outgoing.on('error', reject)
  outgoing.on('response', async (response) => {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const names = response.rawHeaders.filter((_, index) => index % 2 === 0)
    const values = response.rawHeaders.filter((_, index) => index % 2 === 1)
    resolve({
      status: response.statusCode ?? 0,
      reason: response.statusMessage ?? '',
      headers: Object.fromEntries(names.map((name, index) => [name.toLowerCase(), values[index] ?? ''])),
      body: Buffer.concat(chunks).toString('utf8'),
      continued,
    })
  })
  if (bytes === undefined) outgoing.end()
  else if (bytes instanceof Uint8Array) sendWhole(outgoing, headers, bytes)
  else pump(outgoing, bytes).catch((error: Error) => outgoing.destroy(error))
  return promise
}

type Outgoing = ReturnType<typeof request>

/** With `Expect: 100-continue`, nothing is sent before the server says so. */
function sendWhole(outgoing: Outgoing, headers: NonNullable<Question['headers']>, bytes: Uint8Array): void {
  if (headers.expect === undefined) {
    outgoing.end(bytes)
    return
  }
  outgoing.on('continue', () => outgoing.end(bytes))
}

async function pump(outgoing: Outgoing, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (!outgoing.write(chunk)) await new Promise((resolve) => outgoing.once('drain', resolve))
  }
  outgoing.end()
}
