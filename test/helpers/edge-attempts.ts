import { ask, type RawAnswer } from './ask.ts'
import { edgePaths, keyHeaders, seeded, type WireAnswer, zipHeaders } from './edge-client.ts'
import { buildExtension } from './extension-builder.ts'
import { operator } from './scenario.ts'
import type { TestServer } from './start-server.ts'

/**
 * What a client sees that uploads and publishes at Edge and tries every request twice: a line for every attempt, for
 * what became of the operations, and for where the newest submission came to rest.
 */
export async function edgeAttempts(server: TestServer): Promise<string[]> {
  const address = await server.listen()
  const paths = edgePaths()
  const lines: string[] = []

  async function attempt(what: string, send: () => Promise<RawAnswer>): Promise<string | undefined> {
    for (const _ of [1, 2]) {
      try {
        const { status, body, headers } = await send()
        lines.push(`${what} ${status}${body === '' ? '' : ` ${body}`}`)
        if (status === 202) return headers.location
      } catch {
        lines.push(`${what} broken off`)
      }
    }
    return undefined
  }

  async function settled(what: string, path: string): Promise<void> {
    await server.settle()
    const { body } = await ask(address, { path, headers: keyHeaders })
    const { status, errorCode } = JSON.parse(body) as WireAnswer
    lines.push(`${what} operation ${status ?? 'without a status'}${errorCode ? ` ${errorCode}` : ''}`)
  }

  const upload = await attempt('upload', () =>
    ask(address, { method: 'POST', path: paths.package, headers: zipHeaders, body: buildExtension() }),
  )
  if (upload !== undefined) await settled('upload', paths.uploadOperation(upload))
  const publish = await attempt('publish', () =>
    ask(address, { method: 'POST', path: paths.submissions, headers: keyHeaders }),
  )
  if (publish !== undefined) await settled('publish', paths.publishOperation(publish))
  await server.elapse(1000)
  await server.elapse(1000)
  const views = await server.engine.listSubmissions(operator, {
    productId: seeded.productId,
    after: null,
    limit: 100,
  })
  const newest = views.at(-1)?.submission
  if (newest && views.length > 1) {
    const [finding] = newest.findings.filter(({ severity }) => severity === 'error')
    lines.push(`submission ${newest.step}${finding === undefined ? '' : `: ${finding.message}`}`)
  }
  return lines
}
