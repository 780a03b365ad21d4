import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long somebody may go on sending who has his answer already; the second while the server stops. */
const patienceMs = { usual: 30_000, stopping: 1000 }

export interface Hearing {
  /** To be called with every request, before it is handled. */
  hearOut(request: IncomingMessage, response: ServerResponse): void
  /** Listens to nobody any more who has his answer. */
  close(): void
}

/**
 * Lets clients finish sending that are answered before their body has arrived. Node closes a connection behind such
 * an answer at once, which resets it: most clients then report a broken pipe and never see the answer
 * (RFC 9112, 9.6).
 */
export function createHearing(isStopping: () => boolean): Hearing {
  const heard = new Set<Socket>()

  function goOn(request: IncomingMessage): void {
    const { socket } = request
    let closing = false
    socket.destroySoon = () => {
      closing = true
      socket.end()
    }
    heard.add(socket)
    const patience = isStopping() ? patienceMs.stopping : patienceMs.usual
    const timer = setTimeout(() => socket.destroy(), patience)
    const forget = () => {
      clearTimeout(timer)
      heard.delete(socket)
    }
    request.once('close', () => {
      forget()
      socket.off('close', forget)
      Reflect.deleteProperty(socket, 'destroySoon')
      if (closing) socket.destroySoon()
    })
    // A request that was answered never learns that its connection broke.
    socket.once('close', forget)
    // Whoever was reading it reads no more.
    request.removeAllListeners('readable').resume()
  }

  return {
    hearOut(request, response) {
      // Before Node's own listener, which closes.
      response.prependListener('finish', () => {
        if (!request.complete) goOn(request)
      })
    },
    close() {
      for (const socket of heard) socket.destroy()
    },
  }
}
