import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { Authority } from './authority.ts'

export interface Redirection {
  /** The names that are served here, in lower case. */
  readonly hosts: ReadonlySet<string>
  readonly authority: Authority
  /** What answers for them; it sees each connection as if the client had made it to the real host. */
  readonly sandbox: Server
  /** Told of every host that was asked for and refused. */
  readonly onRefused: (host: string) => void
}

export interface Proxy extends AsyncDisposable {
  /** What clients are told, such as `http://127.0.0.1:40001`. */
  readonly url: string
}

/**
 * A proxy for one run: `CONNECT` to a store's host is ended here with the run's own certificate, and the
 * decrypted connection is handed to the sandbox as it is; nothing is parsed or gathered in between. Every other
 * host is refused, so that no test can reach a real store.
 */
export async function startProxy(redirection: Redirection): Promise<Proxy> {
  const context = secureContextOf(redirection.authority)
  const sockets = new Set<Duplex>()
  const proxy = createServer((request, response) => forward(redirection, request, response))
  proxy.on('connection', (socket) => remember(sockets, socket))
  proxy.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = request.url ?? ''
    const host = hostOf(target)
    if (isSandbox(redirection, target)) {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) socket.unshift(head)
      redirection.sandbox.emit('connection', socket)
      return
    }
    if (!redirection.hosts.has(host)) {
      redirection.onRefused(host)
      refuse(socket, host)
      return
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    acceptTls(redirection.sandbox, context, socket)
  })
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const { port } = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => proxy.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

export function secureContextOf({ server, certificate }: Authority): SecureContext {
  return createSecureContext({ key: server.key, cert: `${server.certificate}\n${certificate}` })
}

/** Ends TLS on a connection and gives what is inside to the sandbox. */
export function acceptTls(sandbox: Server, secureContext: SecureContext, socket: Duplex): void {
  // HTTP/1.1 only, as the real hosts: reason phrases, which clients print, do not exist in HTTP/2.
  const secure = new TLSSocket(socket as Socket, {
    isServer: true,
    secureContext,
    ALPNProtocols: ['http/1.1'],
  })
  secure.on('error', () => secure.destroy())
  sandbox.emit('connection', secure)
}

function remember(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
}

/** Plain HTTP through the proxy: only to the sandbox itself, for clients that were given its address. */
function forward(redirection: Redirection, request: IncomingMessage, response: ServerResponse): void {
  const url = URL.parse(request.url ?? '')
  const host = url?.hostname ?? request.headers.host ?? 'unknown'
  if (!url || !(isSandbox(redirection, url.host) || redirection.hosts.has(host))) {
    redirection.onRefused(host)
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(refusal(host))
    return
  }
  request.url = `${url.pathname}${url.search}`
  redirection.sandbox.emit('request', request, response)
}

function isSandbox({ sandbox }: Redirection, target: string): boolean {
  const address = sandbox.address()
  if (address === null || typeof address === 'string') return false
  return [`127.0.0.1:${address.port}`, `localhost:${address.port}`, `[::1]:${address.port}`].includes(target)
}

function hostOf(target: string): string {
  const colon = target.lastIndexOf(':')
  return (colon < 0 ? target : target.slice(0, colon)).replace(/^\[|\]$/g, '').toLowerCase()
}

function refuse(socket: Duplex, host: string): void {
  const body = refusal(host)
  socket.end(
    `HTTP/1.1 403 Forbidden by slipway run\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function refusal(host: string): string {
  return `slipway run: ${host} is no store of the sandbox; the client was kept from reaching it\n`
}
