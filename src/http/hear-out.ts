import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long somebody may go on sending who has his answer already. */
const patienceMs = 30_000

/**
 * Lets a client finish sending that was answered before its body had arrived. Node closes a connection behind such
 * an answer at once, which resets it: most clients then report a broken pipe and never see the answer
 * (RFC 9112, 9.6).
 */
export function hearOut(request: IncomingMessage, response: ServerResponse): void {
  // Before Node's own listener, which closes.
  response.prependListener('finish', () => {
    if (request.complete) return
    const { socket } = request
    let closing = false
    socket.destroySoon = () => {
      closing = true
      socket.end()
    }
    const timer = setTimeout(() => socket.destroy(), patienceMs)
    request.once('close', () => {
      clearTimeout(timer)
      Reflect.deleteProperty(socket, 'destroySoon')
      if (closing) socket.destroySoon()
    })
    // Whoever was reading it reads no more.
    request.removeAllListeners('readable').resume()
  })
}
