import assert from 'node:assert/strict'
import { buildMsix } from '../helpers/msix-builder.ts'
import type { Json } from '../helpers/patient-client.ts'
import { buildZip } from '../helpers/zip-builder.ts'
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

/** Creates, updates, uploads and commits one submission after another of an app in the Microsoft Store. */
export async function microsoftPipeline(lane: Lane, appId: string): Promise<void> {
  const headers = { authorization: `Bearer ${await entraToken(lane)}` }
  const app = `/v1.0/my/applications/${appId}`
  const get = async (path: string) => want(await lane.send('GET', path, { headers }), 200)

  while (!lane.isOver(lane.begun)) {
    const number = ++lane.begun
    const version = `2.${number}.0.0`
    const { id } = await create()
    const one = `${app}/submissions/${id}`
    const notes = `what was put for ${version}`
    await put(one, notes)
    await upload(one, isBad(number) ? Buffer.from('no package at all') : buildMsix({ version }))
    const commit = await lane.send('POST', `${one}/commit`, { headers })
    if (wantOrLost(commit, 202) === undefined) assert.notEqual((await get(one)).status, 'PendingCommit')
    const end = await eventually(`${one}`, async () => {
      const { status, ...more } = await get(one)
      return status === 'Published' || status.endsWith('Failed') ? { status, ...more } : undefined
    })
    if (isBad(number)) {
      assert.equal(end.status, 'CommitFailed')
      await remove(id, one)
      continue
    }
    assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
    released(lane, appId, { submissionId: id, version })
    lane.acknowledged.push({
      what: 'submission',
      path: one,
      headers,
      shows: ({ json }) => {
        assert.equal(json.status, 'Published')
        assert.equal(json.notesForCertification, notes)
        assert.deepEqual(packagesOf(json), [['app.msix', version, 'Uploaded']])
      },
    })
  }

  async function create(): Promise<Json> {
    const created = await lane.send('POST', `${app}/submissions`, { headers })
    return wantOrLost(created, 201) ?? (await get(app)).pendingApplicationSubmission
  }

  async function put(one: string, notes: string): Promise<void> {
    const document = await get(one)
    for (const entry of document.applicationPackages) entry.fileStatus = 'PendingDelete'
    document.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
    document.notesForCertification = notes
    want(await lane.send('PUT', one, { headers, body: document }), 200)
    assert.equal((await get(one)).notesForCertification, notes, 'a PUT that was answered is not there')
  }

  async function upload(one: string, bytes: Uint8Array): Promise<void> {
    const { fileUploadUrl } = await get(one)
    const body = buildZip({ 'app.msix': bytes })
    want(await lane.send('PUT', pathOf(fileUploadUrl), { headers: blockBlob, body }), 201)
  }

  async function remove(id: string, one: string): Promise<void> {
    const removed = await lane.send('DELETE', one, { headers })
    if (wantOrLost(removed, 204) === undefined) assert.equal(removed.status, 404)
    lane.deleted.push(id)
    lane.acknowledged.push({
      what: 'deletion',
      path: one,
      headers,
      shows: ({ status }) => assert.equal(status, 404),
    })
  }
}

function packagesOf({ applicationPackages }: Json): unknown[] {
  return applicationPackages.map((entry: Json) => [entry.fileName, entry.version, entry.fileStatus])
}
