import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a request: it passes, is answered 503, is never answered, or its answer is not what was stored. */
export type Fate = 'pass' | 'fail' | 'stall' | 'stall in the body' | 'truncate' | 'cut' | 'change'

export interface FailingWay extends AsyncDisposable {
  readonly url: string
  /** Decides for each request. */
  fate: (asked: { readonly method: string; readonly path: string }) => Fate
  /** Requests that did not pass. */
  struck: number
}

/** A way to a service on this machine, on which requests fail as the test says. */
export async function failingWay(to: string): Promise<FailingWay> {
  const { hostname, port, pathname } = new URL(to)
  const server = createServer((asked, answer) => {
    const fate = way.fate({ method: asked.method ?? '', path: asked.url ?? '' })
    if (fate !== 'pass') way.struck += 1
    if (fate === 'stall') return void asked.resume()
    if (fate === 'fail') {
      asked.resume()
      answer.writeHead(503).end()
      return
    }
    const { method, url: path, headers } = asked
    const passed = request({ hostname, port, method, path, headers }, (found) => {
      // Whoever asked may have gone away in the middle.
      pass(fate, found, answer).catch(() => answer.destroy())
    })
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const path = pathname === '/' ? '' : pathname
  const way: FailingWay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    fate: () => 'pass',
    struck: 0,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return way
}

async function pass(fate: Fate, found: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { statusCode = 500, headers } = found
  if (fate === 'pass') {
    answer.writeHead(statusCode, headers)
    found.pipe(answer)
    return
  }
  const bytes = Buffer.concat(await Array.fromAsync(found))
  if (fate === 'truncate') {
    const half = bytes.subarray(0, bytes.length / 2)
    answer.writeHead(statusCode, { ...headers, 'content-length': half.length }).end(half)
    return
  }
  if (fate === 'change') {
    if (bytes.length > 0) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    answer.writeHead(statusCode, headers).end(bytes)
    return
  }
  answer.writeHead(statusCode, headers).write(bytes.subarray(0, bytes.length / 2))
  if (fate === 'cut') answer.destroy()
}
