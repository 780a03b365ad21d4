export interface Call {
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: Uint8Array | string
}

export interface Answer {
  readonly headers: Headers
  readonly text: string
}

/** Calls and wants success; anything else is thrown with what the server said. */
export async function call(url: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`)
  return { headers: response.headers, text }
}

/** A token of the server's own token endpoint, for client credentials. */
export async function tokenOf(url: string, form: { readonly [field: string]: string }): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { text } = await call(url, { method: 'POST', headers, body })
  return (JSON.parse(text) as { access_token: string }).access_token
}
