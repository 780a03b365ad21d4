import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { type Authority, createAuthority } from '../../src/redirect/authority.ts'
import { type RunProxy, startProxy } from '../../src/redirect/proxy.ts'

export const storeHosts = ['api.store.example', 'login.store.example'] as const

export interface Redirected extends AsyncDisposable {
  readonly proxy: RunProxy
  readonly authority: Authority
  /** The port of the server behind it. */
  readonly sandboxPort: number
  /** Everything that was refused: `host:port reason`. */
  readonly refused: string[]
  /** Asks the proxy for a tunnel; `answer` is the whole head, with the body when it is no tunnel. */
  tunnel(target: string, first?: Uint8Array): Promise<{ socket: Socket; answer: string }>
  /** A verified TLS connection to a store's host, through a tunnel. */
  secure(host: string, options?: ConnectionOptions): Promise<TLSSocket>
}

/** The proxy of a run in this process, before a server that answers as told. */
export async function startRedirected(handler: RequestListener): Promise<Redirected> {
  const sandbox = createServer(handler)
  await once(sandbox.listen(0, '127.0.0.1'), 'listening')
  const authority = await createAuthority(storeHosts, Date.now())
  const refused: string[] = []
  const proxy = await startProxy({
    hosts: new Set(storeHosts),
    authority,
    sandbox,
    onRefused: ({ host, port }, reason) => refused.push(`${host}:${port} ${reason}`),
  })
  const proxyPort = Number(new URL(proxy.url).port)

  async function tunnel(target: string, first: Uint8Array = new Uint8Array()) {
    const socket = connect(proxyPort, '127.0.0.1')
    socket.on('error', () => {})
    const head = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`
    socket.write(Buffer.concat([Buffer.from(head), first]))
    return { socket, answer: await readHead(socket) }
  }

  return {
    proxy,
    authority,
    sandboxPort: (sandbox.address() as AddressInfo).port,
    refused,
    tunnel,
    async secure(host, options = {}) {
      const { socket } = await tunnel(`${host}:443`)
      const secure = connectTls({ socket, servername: host, ca: authority.certificate, ...options })
      await once(secure, 'secureConnect')
      return secure
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      sandbox.closeAllConnections()
      await new Promise((resolve) => sandbox.close(resolve))
    },
  }
}

/** Reads until the head of an answer is there, and the body that came along with a refusal. */
async function readHead(socket: Socket): Promise<string> {
  let text = ''
  for (;;) {
    const end = text.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (end >= 0 && Buffer.byteLength(text.slice(end + 4)) >= length) return text
    const chunk = socket.read() as Buffer | null
    if (chunk) text += chunk.toString('latin1')
    else if (socket.readableEnded || socket.destroyed) return text
    else await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')])
  }
}
