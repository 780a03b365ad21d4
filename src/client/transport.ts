import { refusalOf, SlipwayError } from './error.ts'

export interface Connection {
  /** Where the server listens, such as `http://127.0.0.1:7070`. */
  readonly url: string
  /** A credential of the kind `token`. */
  readonly token: string
  /** What to ask with instead of the global `fetch`: through a proxy, with a client certificate, in a test. */
  readonly fetch?: typeof fetch
}

interface Request {
  readonly query?: { readonly [name: string]: string | number | undefined }
  readonly body?: object
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** @throws SlipwayError for every answer that is no success, and for none */
export type Ask = (method: Method, path: readonly string[], request?: Request) => Promise<Response>

/** Binds a server and a token: paths are lists of segments, which are escaped here and nowhere else. */
export function createTransport({ url, token, fetch: ask = fetch }: Connection): Ask {
  const base = baseOf(url)
  return async (method, path, { query = {}, body, headers = {}, signal } = {}) => {
    const target = new URL(path.map(encodeURIComponent).join('/'), base)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value))
    }
    const sent: RequestInit = {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    }
    const response = await ask(target, sent).catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw new SlipwayError('unreachable', `nobody answers at ${base.origin}`, { cause })
    })
    if (!response.ok) throw await refusalOf(response)
    return response
  }
}

/** @throws SlipwayError `unreadable` when a success carries no JSON: something else answers at this address */
export async function readAnswer<Wire>(response: Response): Promise<Wire> {
  try {
    return (await response.json()) as Wire
  } catch (cause) {
    throw new SlipwayError('unreadable', `${response.url} does not answer as Slipway does`, {
      status: response.status,
      cause,
    })
  }
}

function baseOf(url: string): URL {
  if (!URL.canParse(url))
    throw new SlipwayError('unreachable', `'${url}' is not a URL such as http://127.0.0.1:7070`)
  return new URL('api/v1/', url.endsWith('/') ? url : `${url}/`)
}
