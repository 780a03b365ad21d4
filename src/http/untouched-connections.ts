import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Keeps count of connections on which nothing was ever sent. Clients open them in advance, Node takes them for
 * busy, and a server that is stopping would wait for them in vain.
 * @returns closes them all
 */
export function untouchedConnections(server: Server): () => void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}
