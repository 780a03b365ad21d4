import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { Seed } from '../sandbox/seed.ts'
import type { RunProxy } from './proxy.ts'

export interface ChildEnvironment {
  readonly [name: string]: string
}

/** Where systems keep the roots they trust. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]

/** The system's roots and the run's own authority, PEM: for tools that take one file instead of the system's. */
export function trustBundle(authority: string): string {
  for (const path of systemBundles) {
    try {
      return `${readFileSync(path, 'utf8')}\n${authority}\n`
    } catch {}
  }
  return `${rootCertificates.join('\n')}\n${authority}\n`
}

/**
 * How the child finds the proxy; both spellings, because tools differ in which one they read. Every Node among
 * them is also kept from going past it.
 */
export function proxyEnvironment({ url, tlsPort }: RunProxy, hosts: Iterable<string>): ChildEnvironment {
  return {
    HTTPS_PROXY: url,
    https_proxy: url,
    HTTP_PROXY: url,
    http_proxy: url,
    NO_PROXY: '',
    no_proxy: '',
    NODE_USE_ENV_PROXY: '1',
    NODE_OPTIONS: `--require=${quoted(fileURLToPath(new URL('./node-hook.cjs', import.meta.url)))}`,
    SLIPWAY_RUN_HOSTS: [...hosts].join(','),
    SLIPWAY_RUN_TLS_PORT: String(tlsPort),
    SLIPWAY_RUN_PROXY_PORT: new URL(url).port,
  }
}

/** For a child that reaches the stores' names directly, and no proxy its surroundings may be set up with. */
export const directEnvironment: ChildEnvironment = {
  HTTPS_PROXY: '',
  https_proxy: '',
  HTTP_PROXY: '',
  http_proxy: '',
  ALL_PROXY: '',
  all_proxy: '',
}

/** As NODE_OPTIONS has values with blanks in them. */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** How the child trusts the sandbox's certificate. */
export function trustEnvironment(authorityFile: string, bundleFile: string): ChildEnvironment {
  return {
    NODE_EXTRA_CA_CERTS: authorityFile,
    SSL_CERT_FILE: bundleFile,
    REQUESTS_CA_BUNDLE: bundleFile,
    CURL_CA_BUNDLE: bundleFile,
  }
}

/**
 * The seed's credentials and ids, from its first account: `SLIPWAY_URL`, `SLIPWAY_TENANT_ID`,
 * `SLIPWAY_CLIENT_ID`, `SLIPWAY_CLIENT_SECRET`, `SLIPWAY_API_KEY`, `SLIPWAY_TOKEN`, `SLIPWAY_AMAZON_CLIENT_ID`,
 * `SLIPWAY_AMAZON_CLIENT_SECRET`, and for each store the id of its first product, as in `SLIPWAY_EDGE_PRODUCT_ID`.
 */
export function seedEnvironment(seed: Seed, url: string): ChildEnvironment {
  const found: { [name: string]: string } = { SLIPWAY_URL: url }
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) found[name] ??= value
  }
  for (const account of seed.accounts.slice(0, 1)) {
    for (const { kind, clientId, secret, tenantId } of account.credentials) {
      if (kind === 'token') {
        add('SLIPWAY_TOKEN', secret)
        continue
      }
      if (kind === 'secret' && tenantId === undefined) {
        // Only Login with Amazon has clients without a directory.
        add('SLIPWAY_AMAZON_CLIENT_ID', clientId)
        add('SLIPWAY_AMAZON_CLIENT_SECRET', secret)
        continue
      }
      add('SLIPWAY_CLIENT_ID', clientId)
      add('SLIPWAY_TENANT_ID', tenantId)
      add(kind === 'api_key' ? 'SLIPWAY_API_KEY' : 'SLIPWAY_CLIENT_SECRET', secret)
    }
    for (const { store, id } of account.products) add(`SLIPWAY_${store.toUpperCase()}_PRODUCT_ID`, id)
  }
  return found
}
