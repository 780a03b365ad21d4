import { once } from 'node:events'
import { connect } from 'node:net'

/** A bare TCP connection, for what no HTTP client would send. */
export interface RawConnection extends AsyncDisposable {
  send(bytes: string | Uint8Array): void
  /** Ends this side; the server may still answer. */
  end(): void
  /** Breaks the connection off. */
  reset(): void
  /** Everything that came so far, byte for byte. */
  received(): string
  /** Resolves with all that came once that text is part of it. */
  until(text: string | RegExp): Promise<string>
  /** Resolves with all that came once the server has closed. */
  closed(): Promise<string>
}

const waitMs = 15_000

export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  const changes = new EventTarget()
  const changed = () => changes.dispatchEvent(new Event('change'))
  // What is reset is closed; the test looks at what came before.
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more
    changed()
  })
  socket.on('close', changed)
  await once(socket, 'connect', { signal: AbortSignal.timeout(waitMs) })

  async function wait(what: string, done: () => boolean): Promise<string> {
    const signal = AbortSignal.timeout(waitMs)
    while (!done()) {
      if (socket.closed) throw new Error(`closed before ${what}: ${text}`)
      await once(changes, 'change', { signal }).catch(() => {
        throw new Error(`not ${what} within ${waitMs} ms: ${text}`)
      })
    }
    return text
  }
  return {
    send: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    received: () => text,
    until: (wanted) =>
      wait(`'${wanted}'`, () => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))),
    closed: () => wait('closed', () => socket.closed),
    async [Symbol.asyncDispose]() {
      socket.destroy()
    },
  }
}
