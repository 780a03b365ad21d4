import assert from 'node:assert/strict'
import { apiRoot, apkOf, noApk, scope } from '../helpers/amazon-client.ts'
import type { Json, Reply } from '../helpers/patient-client.ts'
import { account, eventually, isBad, type Lane, released, want, wantOrLost } from './chaos-lane.ts'

/** Opens, fills and commits one edit after another of an app in the Amazon Appstore. */
export async function amazonPipeline(lane: Lane, appId: string): Promise<void> {
  const headers = { authorization: `Bearer ${await login(lane)}` }
  const edits = `${apiRoot}/${appId}/edits`
  const get = async (path: string): Promise<{ json: Json; etag: string }> => {
    const reply = await lane.send('GET', path, { headers })
    return { json: want(reply, 200), etag: reply.headers.get('etag') ?? '' }
  }

  while (!lane.isOver(lane.begun)) {
    const number = ++lane.begun
    const id = await open()
    const edit = `${edits}/${id}`
    const apk = `${edit}/apks/${(await get(`${edit}/apks`)).json[0].id}`
    if (isBad(number)) {
      refused(await write('PUT', `${apk}/replace`, apk, noApk))
      refused(await write('POST', `${edit}/commit`, edit))
      await remove(id, edit)
      continue
    }
    const bytes = apkOf(number)
    await written(`${apk}/replace`, apk, bytes, ({ versionCode }) => versionCode === number)
    const listing = `${edit}/listings/en-US`
    const notes = `New in 1.${number}.`
    const document = { ...(await get(listing)).json, recentChanges: notes }
    await written(listing, listing, document, ({ recentChanges }) => recentChanges === notes)
    await commit(edit)
    await eventually(edit, async () => {
      const { json } = await get(edits)
      assert.ok(json.id === undefined || json.status !== 'IN_PROGRESS', `${edit} was rejected`)
      return json.id === undefined ? true : undefined
    })
    released(lane, appId, { submissionId: id, version: `1.${number}` })
  }

  async function open(): Promise<string> {
    const opened = await lane.send('POST', edits, { headers })
    return (wantOrLost(opened, 200) ?? (await get(edits)).json).id
  }

  /** With the tag that another resource has now. */
  async function write(
    method: string,
    path: string,
    tagged: string,
    body?: Uint8Array | object,
  ): Promise<Reply> {
    const { etag } = await get(tagged)
    const more = body === undefined ? {} : { body }
    return lane.send(method, path, { headers: { ...headers, 'if-match': etag }, ...more })
  }

  /** Nobody else writes: a tag that is out of date is so by the attempt whose answer was lost. */
  async function written(
    path: string,
    shown: string,
    body: Uint8Array | object,
    isThere: (json: Json) => boolean,
  ): Promise<void> {
    wantOrLost(await write('PUT', path, shown, body), 200)
    assert.ok(isThere((await get(shown)).json), `PUT ${path} was answered and is not there`)
  }

  async function commit(edit: string): Promise<void> {
    const committed = await write('POST', `${edit}/commit`, edit)
    if (wantOrLost(committed, 200) !== undefined) return
    assert.notEqual((await get(edit)).json.status, 'IN_PROGRESS', `commit: ${committed.text}`)
  }

  async function remove(id: string, edit: string): Promise<void> {
    const removed = await write('DELETE', edit, edit)
    if (removed.status >= 300) assert.ok(removed.lost && removed.status === 404, removed.text)
    lane.deleted.push(id)
    lane.acknowledged.push({
      what: 'deletion',
      path: edit,
      headers,
      shows: ({ status }) => assert.equal(status, 404),
    })
  }
}

function refused({ status, text }: Reply): void {
  assert.ok(status >= 400, `a bad edit was taken: ${status} ${text}`)
}

async function login({ send }: Lane): Promise<string> {
  const reply = await send('POST', '/auth/o2/token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: account.amazonClient,
      client_secret: account.secret,
      scope,
    }).toString(),
  })
  return want(reply, 200).access_token
}
