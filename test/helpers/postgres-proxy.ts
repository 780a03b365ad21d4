import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What becomes of a commit that comes by: it goes through, or the connection is cut before it, or after it. */
export type AtCommit = 'pass' | 'cut before' | 'cut after'

export interface PostgresProxy extends AsyncDisposable {
  readonly url: string
  /** For the next commit only. */
  atCommit: AtCommit
  /** Ends all connections and takes no new ones, as a PostgreSQL that restarts; until {@link comeBack}. */
  goAway(): void
  comeBack(): void
}

/** A way to PostgreSQL that breaks when it is told to. */
export async function openPostgresProxy(target: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let away = false
  const server = createServer((client) => {
    if (away) return void client.destroy()
    const upstream = connect(Number(port || 5432), hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      const fate = isCommit(bytes) ? proxy.atCommit : 'pass'
      if (fate === 'pass') return void upstream.write(bytes)
      proxy.atCommit = 'pass'
      if (fate === 'cut before') return void client.destroy()
      // Its answer is what shows that it took place; the client never gets it.
      upstream.removeAllListeners('data')
      upstream.once('data', () => client.destroy())
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => void client.write(bytes))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const proxy: PostgresProxy = {
    url: url.href,
    atCommit: 'pass',
    goAway() {
      away = true
      for (const socket of sockets) socket.destroy()
    },
    comeBack() {
      away = false
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
  return proxy
}

/** A message of the simple query protocol: Q, four bytes of length, the text and a zero. */
function isCommit(bytes: Buffer): boolean {
  return bytes.toString('latin1').includes('commit\0') && bytes[0] === 0x51
}
