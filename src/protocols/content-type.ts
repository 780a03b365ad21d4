import type { IncomingMessage } from 'node:http'

/**
 * Takes the Content-Type out of the router's sight: clients send malformed ones (`x.apk: binary`) and JSON
 * types with empty bodies, which the framework would answer itself, while every store has its own rules.
 */
export function hideContentType(request: IncomingMessage): void {
  const { headers } = request
  const contentType = headers['content-type']
  if (contentType === undefined) return
  hidden.set(request, contentType)
  delete headers['content-type']
}

const hidden = new WeakMap<IncomingMessage, string>()

/** The Content-Type exactly as the client sent it; undefined when it sent none. */
export function contentTypeOf(request: IncomingMessage): string | undefined {
  // Injected requests never met the socket, where it is hidden.
  return hidden.get(request) ?? request.headers['content-type']
}
