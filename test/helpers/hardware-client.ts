import assert from 'node:assert/strict'
import { inflateRawSync } from 'node:zlib'
import { buildMszipCab } from './cab-builder.ts'
import { makeSigner, signCab } from './cab-signer.ts'
import { driverFolder, type InfOptions } from './inf-builder.ts'
import { tokenOf } from './microsoft-client.ts'
import { sharedInspector } from './shared-inspector.ts'
import { startServer, type TestServer } from './start-server.ts'

export const hardwareRoot = '/v2.0/my/hardware'

/** JSON as a client reads it that keeps large integers: those are their digits. */
// biome-ignore lint/suspicious/noExplicitAny: documents of the service, compared member by member
export type Json = any

export interface HardwareAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly text: string
  /** Undefined for an empty body. Integers beyond 2^53 are texts. */
  readonly json: Json
}

type Headers = { readonly [name: string]: string }
type Body = string | Uint8Array | object | null
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'

export interface HardwareClient {
  readonly server: TestServer
  /** Asks for a path below the root, or for an absolute one; an object goes as JSON with its type. */
  ask(method: Method, path: string, body?: Body, headers?: Headers): Promise<HardwareAnswer>
  /** As `ask`; fails the test unless the status is as wanted. @returns the JSON */
  want(status: number, method: Method, path: string, body?: Body, headers?: Headers): Promise<Json>
  /** Asks a signed URL, without credentials. */
  blob(
    method: Method,
    url: string,
    bytes?: Uint8Array,
    headers?: Headers,
  ): Promise<HardwareAnswer & { bytes: Buffer }>
  createProduct(change?: object): Promise<string>
  /** @returns the submission as it was answered */
  createSubmission(productId: string, wish?: object): Promise<Json>
  submission(productId: string, id: string): Promise<Json>
  /** Puts bytes where the submission wants them; fails the test unless it is 201. */
  upload(submission: Json, bytes: Uint8Array): Promise<void>
  /** Product, submission, upload, commit and the whole workflow. */
  publish(options?: {
    product?: object
    bytes?: Uint8Array
  }): Promise<{ productId: string; submissionId: string }>
}

/** The sandbox's own product: attestation for 64 bits, as most clients ask for it. */
export const attestation = {
  productName: 'Contoso device',
  testHarness: 'Attestation',
  announcementDate: '2030-04-01T00:00:00',
  deviceMetadataIds: null,
  firmwareVersion: '0',
  deviceType: 'internal',
  isTestSign: false,
  isFlightSign: false,
  marketingNames: null,
  productType: 'Unclassified',
  selectedProductTypes: { windows_v100_RS3: 'Unclassified' },
  requestedSignatures: ['WINDOWS_v100_X64_RS3_FULL', 'WINDOWS_v100_X64_GE_FULL'],
  additionalAttributes: null,
} as const

/** A server that shares its inspector with the others of this process. */
export function startHardware(flags: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  return startServer(flags, { inspector: sharedInspector })
}

/** Longer than the whole ingestion; one step goes by at a time. */
export async function finish(server: TestServer, steps = 10): Promise<void> {
  for (let step = 0; step < steps; step++) await server.elapse(250)
}

/** A label's way to the end, its approval included. */
export async function finishLabel(server: TestServer): Promise<void> {
  for (let step = 0; step < 10; step++) await server.elapse(step === 5 ? 12_500 : 250)
}

/** A signed cabinet of one driver folder, or of more. */
export async function driverCab(
  folders: Readonly<Record<string, InfOptions>> = { contoso: {} },
): Promise<Buffer> {
  const files = Object.entries(folders).map(([folder, options]) => driverFolder(folder, folder, options))
  return signCab(buildMszipCab(Object.assign({}, ...files)), await makeSigner({ algorithm: 'ecdsa' }))
}

/** Reads what is beyond 2^53 as its digits. */
export function readJson(text: string): Json {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) ? source : value,
  )
}

export async function hardwareClient(
  server: TestServer,
  { token, root = hardwareRoot }: { token?: string; root?: string } = {},
): Promise<HardwareClient> {
  const bearer = token ?? (await tokenOf(server))
  const inject = async (method: Method, url: string, body: Body | undefined, headers: Headers) => {
    const payload =
      body === undefined || body === null
        ? undefined
        : typeof body === 'string'
          ? body
          : body instanceof Uint8Array
            ? Buffer.from(body)
            : JSON.stringify(body)
    const answer = await server.http.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const isJson = String(answer.headers['content-type']).includes('json')
    return {
      status: answer.statusCode,
      headers: answer.headers as Headers,
      text: answer.body,
      json: isJson && answer.body !== '' ? readJson(answer.body) : undefined,
      bytes: answer.rawPayload,
    }
  }
  const client: HardwareClient = {
    server,
    ask(method, path, body, headers = {}) {
      const isObject = typeof body === 'object' && body !== null && !(body instanceof Uint8Array)
      const type = isObject ? { 'content-type': 'application/json' } : {}
      const url =
        path.startsWith('/products') || path.startsWith('/preprod') || path.startsWith('/audience')
          ? root + path
          : path
      return inject(method, url, body, { authorization: `Bearer ${bearer}`, ...type, ...headers })
    },
    async want(status, method, path, body, headers) {
      const answer = await client.ask(method, path, body, headers)
      assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.json
    },
    blob(method, url, bytes, headers = {}) {
      const { pathname, search } = new URL(url)
      return inject(method, pathname + search, bytes, headers)
    },
    async createProduct(change = {}) {
      return (await client.want(201, 'POST', '/products', { ...attestation, ...change })).id
    },
    createSubmission: (productId, wish = { name: 'first', type: 'initial' }) =>
      client.want(201, 'POST', `/products/${productId}/submissions`, wish),
    submission: (productId, id) => client.want(200, 'GET', `/products/${productId}/submissions/${id}`),
    async upload(submission, bytes) {
      const { url } = submission.downloads.items[0]
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': String(bytes.length) }
      const answer = await client.blob('PUT', url, bytes, headers)
      assert.equal(answer.status, 201, answer.text)
    },
    async publish({ product = {}, bytes } = {}) {
      const productId = await client.createProduct(product)
      const submission = await client.createSubmission(productId)
      await client.upload(submission, bytes ?? (await driverCab()))
      await client.want(202, 'POST', `/products/${productId}/submissions/${submission.id}/commit`)
      await finish(server)
      return { productId, submissionId: submission.id }
    },
  }
  return client
}

/** The URL of one download of a submission; undefined when it is not there. */
export function downloadOf(submission: Json, type: string): string | undefined {
  return submission.downloads.items.find((item: Json) => item.type === type)?.url
}

/** The files of a ZIP by its directory, as a client would unpack it. */
export function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const files = new Map<string, Buffer>()
  let at = archive.readUInt32LE(end + 16)
  for (let count = archive.readUInt16LE(end + 10); count > 0; count--) {
    const nameLength = archive.readUInt16LE(at + 28)
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    const header = archive.readUInt32LE(at + 42)
    const data = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
    const bytes = archive.subarray(data, data + archive.readUInt32LE(at + 20))
    files.set(name, archive.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes)
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return files
}
