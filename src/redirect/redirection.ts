import type { Server } from 'node:http'
import type { Authority } from './authority.ts'

export interface Redirection {
  /** The names that are served here, in lower case. */
  readonly hosts: ReadonlySet<string>
  readonly authority: Authority
  /** What answers for them; it sees each connection as if the client had made it to the real host. */
  readonly sandbox: Server
  /** Told of everything that was asked for and refused, and why. */
  readonly onRefused: (target: Target, reason: string) => void
}

/** Where a client wants to go. */
export interface Target {
  /** In lower case; an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
}

/** Of `host:port`, as in CONNECT; without a port it is 443. */
export function targetOf(authority: string): Target {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority.trim().toLowerCase())
  const [, host = authority, port = '443'] = match ?? []
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/**
 * Why a target is not served: half a sentence that goes on after its name; null when it is.
 * @param how over TLS in a tunnel, or in plain requests
 */
export function refusalOf(
  redirection: Redirection,
  { host, port }: Target,
  how: 'tunnel' | 'plain',
): string | null {
  if (isSandbox(redirection.sandbox, { host, port })) return null
  if (!redirection.hosts.has(host)) return 'is no store of the sandbox'
  if (how === 'plain') return 'is served over https only'
  return port === 443 ? null : 'is served on port 443 only'
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

/** Clients that were given the sandbox's own address find it too. */
function isSandbox(sandbox: Server, { host, port }: Target): boolean {
  const address = sandbox.address()
  return address !== null && typeof address === 'object' && address.port === port && loopback.has(host)
}
