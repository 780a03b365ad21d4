import { setTimeout as delay } from 'node:timers/promises'
import { buildExtension } from './extension-builder.ts'
import { connectRaw, type RawConnection } from './raw-connection.ts'

/** The sandbox's own Edge product and key. */
export const sandboxUpload = {
  path: '/v1/products/33333333-3333-3333-3333-333333333333/submissions/draft/package',
  headers: {
    authorization: 'ApiKey sandbox-api-key',
    'x-clientid': '22222222-2222-2222-2222-222222222222',
    'content-type': 'application/zip',
  },
} as const

export interface HalfAnUpload extends AsyncDisposable {
  readonly connection: RawConnection
  /** Sends the rest. */
  finish(): void
}

/** An upload of which the head and half the body have been sent, long enough ago to have been taken up. */
export async function halfAnUpload(url: string): Promise<HalfAnUpload> {
  const bytes = buildExtension()
  const half = bytes.length >> 1
  const connection = await connectRaw(url)
  const headers = Object.entries({ host: 'x', ...sandboxUpload.headers, 'content-length': bytes.length })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  connection.send(`POST ${sandboxUpload.path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  connection.send(bytes.subarray(0, half))
  await delay(200)
  return {
    connection,
    finish: () => connection.send(bytes.subarray(half)),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}
