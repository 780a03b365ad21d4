import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext, TLSSocket } from 'node:tls'
import type { Authority } from './authority.ts'

export function secureContextOf({ server, certificate }: Authority): SecureContext {
  return createSecureContext({
    key: server.key,
    cert: `${server.certificate}\n${certificate}`,
    // The quickest first: nobody listens on the loopback interface, and uploads are large.
    ciphers: `TLS_AES_128_GCM_SHA256:${DEFAULT_CIPHERS}`,
    honorCipherOrder: true,
  })
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
