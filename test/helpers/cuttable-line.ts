import { createConnection, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut for good, as when the process that uses it is killed. */
export interface CuttableLine extends AsyncDisposable {
  /** The URL, by way of this line. */
  readonly url: string
  /** Ends what goes through it, and lets nothing through any more. */
  cut(): void
  /** Ends what goes through it; who connects again gets through. */
  interrupt(): void
}

export async function cuttableLine(url: string): Promise<CuttableLine> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    const far = createConnection(Number(target.port || 5432), target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    if (isCut) near.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const way = new URL(url)
  way.hostname = '127.0.0.1'
  way.port = String((server.address() as { port: number }).port)
  const interrupt = () => {
    for (const socket of sockets) socket.destroy()
  }
  const line: CuttableLine = {
    url: way.href,
    interrupt,
    cut() {
      isCut = true
      interrupt()
      server.close()
    },
    async [Symbol.asyncDispose]() {
      line.cut()
    },
  }
  return line
}
