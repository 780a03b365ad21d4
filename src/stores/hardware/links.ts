import type { FastifyRequest } from 'fastify'

export interface Link {
  readonly href: string
  readonly rel: string
  readonly method: 'GET' | 'POST' | 'PATCH'
}

const realOrigin = 'https://manage.devcenter.microsoft.com'

/** The three roots that the service has been served under (microsoft-hardware.md 1). */
export const roots = ['/v1.0/my/hardware', '/v2.0/my/hardware', '/api/v1.0/my/hardware'] as const

/** The hrefs of links: they lead back to where the client believes to be. */
export function addressOf(request: FastifyRequest, root: string): Address {
  const isReal = request.hostname.toLowerCase().endsWith('.microsoft.com')
  const base = `${isReal ? realOrigin : `${request.protocol}://${request.host}`}${root}`
  const product = (id: string) => `${base}/products/${id}`
  const submission = (productId: string, id: string) => `${product(productId)}/submissions/${id}`
  return {
    base,
    product,
    submission,
    label: (productId, submissionId, id) => `${submission(productId, submissionId)}/shippingLabels/${id}`,
  }
}

export interface Address {
  readonly base: string
  product(id: string): string
  submission(productId: string, id: string): string
  label(productId: string, submissionId: string, id: string): string
}

/** The envelope of every list (microsoft-hardware.md 1). */
export function toWireList(value: readonly unknown[], self: string, next?: string) {
  const links: Link[] = [{ href: self, rel: 'self', method: 'GET' }]
  if (next !== undefined) links.push({ href: next, rel: 'next_link', method: 'GET' })
  return { value, links }
}
