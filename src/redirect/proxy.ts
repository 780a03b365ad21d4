import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Redirection, refusalOf, type Target, targetOf } from './redirection.ts'
import { acceptTls, secureContextOf } from './tls.ts'

export interface RunProxy extends AsyncDisposable {
  /** What clients are told, such as `http://127.0.0.1:40001`. */
  readonly url: string
  /** Where TLS for a store's host is ended without any CONNECT, for clients whose sockets are sent there. */
  readonly tlsPort: number
}

const established = 'HTTP/1.1 200 Connection established\r\n\r\n'

/**
 * A proxy for one run: `CONNECT` to a store's host is ended here with the run's own certificate, and the
 * decrypted connection is handed to the sandbox as it is; nothing is parsed or gathered in between. Every other
 * host is refused, so that no test can reach a real store.
 */
export async function startProxy(redirection: Redirection): Promise<RunProxy> {
  const { sandbox, authority } = redirection
  const context = secureContextOf(authority)
  const sockets = new Set<Duplex>()
  // The limits of uploads are the sandbox's business; those of Node would cut off a slow one.
  const proxy = createHttpServer({ requestTimeout: 0, maxHeaderSize: 64 * 1024 }, (request, response) =>
    forward(redirection, request, response),
  )
  proxy.on('connection', (socket) => remember(sockets, socket))
  proxy.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = targetOf(request.url ?? '')
    const refusal = refusalOf(redirection, target, 'tunnel')
    if (refusal !== null) {
      redirection.onRefused(target, refusal)
      refuseTunnel(socket, target, refusal)
      return
    }
    socket.write(established)
    if (head.length > 0) socket.unshift(head)
    if (redirection.hosts.has(target.host)) acceptTls(sandbox, context, socket)
    else sandbox.emit('connection', socket)
  })
  const direct = createServer((socket) => {
    remember(sockets, socket)
    acceptTls(sandbox, context, socket)
  })
  await Promise.all([proxy, direct].map(listen))
  return {
    url: `http://127.0.0.1:${portOf(proxy)}`,
    tlsPort: portOf(direct),
    async [Symbol.asyncDispose]() {
      const closed = [proxy, direct].map((server) => new Promise((resolve) => server.close(resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function remember(sockets: Set<Duplex>, socket: Socket): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
}

/**
 * A request that names its whole address: to the sandbox itself, from clients that were given its address, or
 * to a store over https, from clients that do not tunnel, such as older axios.
 */
function forward(redirection: Redirection, request: IncomingMessage, response: ServerResponse): void {
  const url = URL.parse(request.url ?? '')
  const target = url
    ? {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      }
    : targetOf(request.headers.host ?? '')
  const refusal = refusalOf(redirection, target, url?.protocol === 'https:' ? 'tunnel' : 'plain')
  if (!url || refusal !== null) {
    const reason = refusal ?? 'was asked of the proxy itself'
    redirection.onRefused(target, reason)
    response.writeHead(403, reasonPhrase(target, reason), { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${sentence(target, reason)}\n`)
    return
  }
  request.url = `${url.pathname}${url.search}`
  redirection.sandbox.emit('request', request, response)
}

function refuseTunnel(socket: Duplex, target: Target, reason: string): void {
  const body = `${sentence(target, reason)}\n`
  socket.end(
    [
      `HTTP/1.1 403 ${reasonPhrase(target, reason)}`,
      'content-type: text/plain; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

function sentence({ host, port }: Target, reason: string): string {
  return `slipway run: ${host}:${port} ${reason}; the client was kept from reaching it`
}

/** The reason phrase is all that many clients show of a proxy's answer. */
function reasonPhrase({ host }: Target, reason: string): string {
  return `${host.replace(/[^\w.:-]/g, '?').slice(0, 100)} ${reason} (slipway run)`
}
