import assert from 'node:assert/strict'
import { attestation, driverCab, hardwareRoot } from '../helpers/hardware-client.ts'
import type { Json } from '../helpers/patient-client.ts'
import {
  blockBlob,
  entraToken,
  eventually,
  isBad,
  type Lane,
  pathOf,
  released,
  want,
  wantOrLost,
} from './chaos-lane.ts'

/** Creates one driver product after another, each with its one submission. */
export async function hardwarePipeline(lane: Lane): Promise<void> {
  const headers = { authorization: `Bearer ${await entraToken(lane)}` }
  const get = async (path: string) => want(await lane.send('GET', path, { headers }), 200)

  while (!lane.isOver(lane.begun)) {
    const number = ++lane.begun
    const wish = { ...attestation, productName: `Contoso device ${number}` }
    // Where the answer was lost there may be two products of that name; one of them stays empty.
    const product = await lane.send('POST', `${hardwareRoot}/products`, { headers, body: wish })
    const productId = String(want(product, 201).id)
    const submissions = `${hardwareRoot}/products/${productId}/submissions`
    const { id, downloads } = await create(submissions)
    const one = `${submissions}/${id}`
    const version = `1.2.3.${number}`
    const body = isBad(number) ? Buffer.from('no cabinet at all') : await cabOf(version)
    const { url } = (downloads ?? (await get(one)).downloads).items[0]
    want(await lane.send('PUT', pathOf(url), { headers: blockBlob, body }), 201)
    const commit = await lane.send('POST', `${one}/commit`, { headers })
    if (wantOrLost(commit, 202) === undefined) assert.notEqual((await get(one)).commitStatus, 'commitPending')
    const end = await eventually(one, async () => {
      const { workflowStatus, ...more } = await get(one)
      const isDone = workflowStatus.state === 'completed' || workflowStatus.state === 'failed'
      return isDone ? { workflowStatus, ...more } : undefined
    })
    if (isBad(number)) {
      assert.equal(end.commitStatus, 'commitFailed')
      lane.failed.push(String(id))
      continue
    }
    assert.equal(end.workflowStatus.state, 'completed', JSON.stringify(end.workflowStatus))
    released(lane, productId, { submissionId: String(id), version })
    lane.acknowledged.push({
      what: 'submission',
      path: one,
      headers,
      shows: ({ json }) => {
        assert.equal(json.workflowStatus.state, 'completed')
        const kinds = json.downloads.items.map(({ type }: Json) => type)
        for (const kind of ['initialPackage', 'signedPackage']) assert.ok(kinds.includes(kind), kind)
      },
    })
  }

  async function create(submissions: string): Promise<Json> {
    const created = await lane.send('POST', submissions, {
      headers,
      body: { name: 'first', type: 'initial' },
    })
    return wantOrLost(created, 201) ?? (await get(submissions)).value[0]
  }
}

function cabOf(version: string): Promise<Buffer> {
  return driverCab({ contoso: { version: { DriverVer: `05/20/2026,${version}` } } })
}
