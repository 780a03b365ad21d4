import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type Place, pathOf, type TestDepot } from './blob-depot.ts'

export type Headers = { readonly [name: string]: string }

export const blockBlob: Headers = { 'x-ms-blob-type': 'BlockBlob' }

/** Requests for one place, by what stands behind its URL. */
export function asking(depot: TestDepot, { url }: Pick<Place, 'url'>) {
  const ask = (method: 'PUT' | 'GET' | 'HEAD', more: string, headers: Headers, payload?: string | Buffer) =>
    depot.http.inject({
      method,
      url: `${pathOf(url)}${more}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
  return {
    ask,
    get: (headers: Headers = {}, more = '') => ask('GET', more, headers),
    head: (headers: Headers = {}) => ask('HEAD', '', headers),
    put: (bytes: string | Buffer, headers: Headers = {}) =>
      ask('PUT', '', { ...blockBlob, ...lengthOf(bytes), ...headers }, bytes),
    putBlock: (id: string, bytes: string | Buffer, headers: Headers = {}) =>
      ask('PUT', `&comp=block&blockid=${encodeURIComponent(id)}`, headers, bytes),
    putList: (xml: string, headers: Headers = {}) => ask('PUT', '&comp=blocklist', headers, xml),
  }
}

/** Injected, an empty body would be none. */
const lengthOf = (bytes: string | Buffer): Headers => ({ 'content-length': String(Buffer.byteLength(bytes)) })

export const listOf = (...names: readonly (readonly [kind: string, id: string])[]) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<BlockList>\n${names.map(([kind, id]) => `  <${kind}>${id}</${kind}>\n`).join('')}</BlockList>`

export const latest = (...ids: readonly string[]) => listOf(...ids.map((id) => ['Latest', id] as const))

export const idOf = (name: string) => Buffer.from(name).toString('base64')
export const md5Of = (bytes: string | Buffer) => createHash('md5').update(bytes).digest('base64')

export interface Answer {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: unknown }
  readonly body: string
}

/** Holds an answer to the service's shape of a refusal. */
export function assertRefused(answer: Answer, status: number, code: string, details: Headers = {}) {
  assert.deepEqual([answer.statusCode, answer.headers['x-ms-error-code']], [status, code], answer.body)
  assert.equal(answer.headers['content-type'], 'application/xml')
  assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
  const [, named, message, id, time, more = ''] =
    /^<\?xml version="1\.0" encoding="utf-8"\?><Error><Code>(\w+)<\/Code><Message>([^<]+)\nRequestId:([^<]+)\nTime:(\S+)<\/Message>(.*)<\/Error>$/s.exec(
      answer.body,
    ) ?? assert.fail(answer.body)
  assert.equal(named, code)
  assert.ok(message)
  assert.equal(id, answer.headers['x-ms-request-id'])
  assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
  const found = Object.fromEntries(
    [...more.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, value]) => [name, value]),
  )
  for (const [name, value] of Object.entries(details)) assert.equal(found[name], value, name)
}
