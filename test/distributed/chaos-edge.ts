import assert from 'node:assert/strict'
import { buildExtension } from '../helpers/extension-builder.ts'
import type { Json } from '../helpers/patient-client.ts'
import { account, eventually, isBad, type Lane, native, released, want } from './chaos-lane.ts'

const headers = { authorization: `ApiKey ${account.edgeKey}`, 'x-clientid': account.clientId }

/** Uploads and publishes one version after another of an Edge extension. */
export async function edgePipeline(lane: Lane, productId: string): Promise<void> {
  const path = `/v1/products/${productId}/submissions`
  while (!lane.isOver(lane.begun)) {
    const number = ++lane.begun
    const version = `1.0.${number}`
    if (isBad(number)) {
      const upload = await operate(`${path}/draft/package`, Buffer.from('no archive at all'))
      assert.equal(upload.status, 'Failed')
      assert.equal(upload.errorCode, 'PackageValidationError')
      assert.equal((await operate(path)).status, 'Failed', 'a draft without anything new was published')
      continue
    }
    const upload = await operate(`${path}/draft/package`, buildExtension({ version }))
    assert.equal(upload.status, 'Succeeded', upload.message)
    const publish = await operate(path)
    // The one whose answer was lost came first.
    const wasFirst = ['InProgressSubmission', 'NoModulesUpdated'].includes(publish.errorCode)
    assert.ok(publish.status === 'Succeeded' || (publish.lost && wasFirst), `publish: ${publish.message}`)
    released(lane, productId, { submissionId: await inTheStore(version), version })
  }

  /** Starts an operation and waits for its end, which must not change any more. */
  async function operate(to: string, bytes?: Uint8Array): Promise<Json> {
    const type = bytes === undefined ? {} : { 'content-type': 'application/zip' }
    const reply = await lane.send('POST', to, {
      headers: { ...headers, ...type },
      ...(bytes === undefined ? {} : { body: bytes }),
    })
    want(reply, 202)
    const operation = `${to}/operations/${reply.headers.get('location')}`
    const settled = await eventually(operation, async () => {
      const polled = await lane.send('GET', operation, { headers })
      return want(polled, 200, 202).status === 'InProgress' ? undefined : polled
    })
    lane.acknowledged.push({
      what: 'operation',
      path: operation,
      headers,
      shows: ({ text }) => assert.equal(text, settled.text),
    })
    return { ...settled.json, lost: reply.lost }
  }

  async function submissions(): Promise<Json[]> {
    const items: Json[] = []
    for (let after = ''; ; ) {
      const path = `/api/v1/products/${productId}/submissions?limit=200${after}`
      const page = want(await lane.send('GET', path, { headers: native }), 200)
      items.push(...page.items)
      if (page.next === null) return items
      after = `&after=${encodeURIComponent(page.next)}`
    }
  }

  async function inTheStore(version: string): Promise<string> {
    return eventually(`${productId} ${version}`, async () => {
      const items = await submissions()
      if (items.some(({ phase }) => phase === 'moving')) return undefined
      const live = items.find(({ phase }) => phase === 'live')
      assert.equal(live?.summary.version, version, 'what was sent to review is not what is in the store')
      return live.id
    })
  }
}
