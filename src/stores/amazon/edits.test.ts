import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  amazonClient,
  apkOf,
  codesOf,
  goLive,
  publishApk,
  rows,
  seededApp,
  startAmazon,
} from '../../../test/helpers/amazon-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'

const editId = /^amzn1\.devportal\.apprelease\.[0-9a-f]{32}$/

test('GET /edits is 200 and {} byte for byte while no edit is open, and the edit with its tag while one is [O1][7-1]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const none = await amazon.want(200, 'GET', '/edits')
  assert.equal(none.text, '{}')
  assert.equal(none.headers['content-type'], 'application/json; charset=utf-8')
  const created = await amazon.want(200, 'POST', '/edits')
  const open = await amazon.want(200, 'GET', '/edits')
  assert.equal(open.text, created.text)
  assert.equal(open.etag, created.etag)
})

test('POST /edits is 200 with an edit in progress that copies the live version [O2][7-2]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const { json, etag } = await amazon.want(200, 'POST', '/edits')
  assert.match(json.id, editId)
  assert.equal(json.status, 'IN_PROGRESS')
  assert.match(etag ?? '', /^"[0-9a-f]{32}"$/)
  const edit = `/edits/${json.id}`
  assert.deepEqual((await amazon.want(200, 'GET', `${edit}/apks`)).json, [
    { versionCode: 0, id: seededApp.apkId, name: 'APK1' },
  ])
  const { listings } = (await amazon.want(200, 'GET', `${edit}/listings`)).json
  assert.equal(listings['en-US'].title, 'Sandbox app')
  const { images } = (await amazon.want(200, 'GET', `${edit}/listings/en-US/screenshots`)).json
  assert.equal(images.length, 3)
  assert.deepEqual(await rows(server), ['LIVE live', 'IN_PROGRESS draft'])
})

test('a second edit is 409 in the API error shape, with the status that is set', async () => {
  for (const status of [undefined, 400, 412]) {
    await using server = await startAmazon(
      status === undefined ? {} : { amazonCreateWhileOpen: String(status) },
    )
    const amazon = await amazonClient(server)
    await amazon.open()
    const { json } = await amazon.want(status ?? 409, 'POST', '/edits')
    assert.equal(json.httpCode, status ?? 409)
    assert.equal(json.errors.length, 1)
    assert.deepEqual(await rows(server), ['LIVE live', 'IN_PROGRESS draft'])
  }
})

test('an app that was never live, and one in review, get no edit, in the service’s own words', async () => {
  await using server = await startAmazon()
  const { id } = await server.engine.createProduct(operator, { store: 'amazon', kind: 'app', name: 'New' })
  const unborn = await amazonClient(server, { app: id })
  const words = "Cannot create a new 'edit' for the app in it's current state."
  assert.equal((await unborn.want(409, 'POST', '/edits')).json.errors[0].errorMessage, words)
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  await amazon.commit(edit)
  assert.equal((await amazon.want(412, 'POST', '/edits')).json.errors[0].errorMessage, words)
})

test('getPreviousEdit is the live edit while one is open, {} otherwise, and never an edit called previous [O3][7-47]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  assert.equal((await amazon.want(200, 'GET', '/edits/previous')).text, '{}')
  const edit = await amazon.open()
  const previous = await amazon.want(200, 'GET', '/edits/previous')
  assert.equal(previous.json.status, 'LIVE')
  assert.notEqual(`/edits/${previous.json.id}`, edit)
  const read = await amazon.want(200, 'GET', `/edits/${previous.json.id}/listings`)
  assert.equal(read.json.listings['en-US'].recentChanges, 'The first release.')
})

test('GET /edits/{id} has the same body and tag as GET /edits [O4][7-7]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  for (let step = 0; step < 3; step++) {
    const [one, other] = [await amazon.want(200, 'GET', '/edits'), await amazon.want(200, 'GET', edit)]
    assert.deepEqual([one.text, one.etag], [other.text, other.etag])
    await amazon.writeNotes(edit, `Step ${step}`)
  }
})

test('the edit’s tag moves with everything in it, unless it is fixed', async () => {
  for (const amazonEditTag of ['moves', 'fixed'] as const) {
    await using server = await startAmazon({ amazonEditTag })
    const amazon = await amazonClient(server)
    const edit = await amazon.open()
    const before = await amazon.want(200, 'GET', edit)
    await amazon.writeNotes(edit)
    const after = await amazon.want(200, 'GET', edit)
    assert.equal(before.etag === after.etag, amazonEditTag === 'fixed')
    const status = amazonEditTag === 'fixed' ? 200 : 412
    const headers = { 'if-match': before.etag ?? '' }
    await amazon.want(status, 'POST', `${edit}/commit`, undefined, headers)
  }
})

test('a draft is deleted with its tag: 204 without a body, and nothing reads it afterwards [O5][7-3][7-45]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { text, headers } = await amazon.write(204, 'DELETE', edit)
  assert.equal(text, '')
  assert.equal(headers['content-type'], undefined)
  assert.equal((await amazon.want(200, 'GET', '/edits')).text, '{}')
  await amazon.want(404, 'GET', edit)
  await amazon.want(404, 'GET', `${edit}/apks`)
  await amazon.want(404, 'POST', `${edit}/commit`, undefined, { 'if-match': '*' })
  assert.notEqual(await amazon.open(), edit)
})

test('only a draft is deleted: 412 in review and for the live version, which stays', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await publishApk(amazon, apkOf())
  await amazon.write(412, 'DELETE', edit)
  const next = await amazon.open()
  await amazon.writeNotes(next)
  await amazon.commit(next)
  await amazon.write(412, 'DELETE', next)
  assert.deepEqual(await rows(server), ['LIVE past', 'LIVE live', 'REVIEW moving'])
})

test('validate is 200 with the edit or 403 with every failure, changes nothing and needs no tag, not even a fresh one [O6][7-48]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const before = await amazon.want(200, 'GET', edit)
  const { json } = await amazon.want(403, 'POST', `${edit}/validate`)
  assert.deepEqual(json, {
    httpCode: 403,
    message: 'Forbidden',
    errors: [
      {
        errorCode: 'error_release_notes_incomplete',
        errorMessage: 'The listing en-US has no release notes of this edit. Write its recentChanges.',
      },
    ],
  })
  assert.equal((await amazon.want(200, 'GET', edit)).etag, before.etag)
  await amazon.writeNotes(edit)
  const good = await amazon.want(200, 'POST', `${edit}/validate`)
  assert.equal(good.json.status, 'IN_PROGRESS')
  await amazon.want(200, 'POST', `${edit}/validate`, undefined, { 'if-match': '"stale"' })
  assert.deepEqual(await rows(server), ['LIVE live', 'IN_PROGRESS draft'])
})

test('commit is SUBMITTED, reads are REVIEW until the release, and then there is no edit [O7][7-23]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  const { json } = await amazon.commit(edit)
  assert.deepEqual(json, { id: edit.slice('/edits/'.length), status: 'SUBMITTED' })
  assert.equal((await amazon.want(200, 'GET', '/edits')).json.status, 'REVIEW')
  assert.equal((await amazon.want(200, 'GET', edit)).json.status, 'REVIEW')
  await goLive(server)
  assert.equal((await amazon.want(200, 'GET', '/edits')).text, '{}')
  assert.equal((await amazon.want(200, 'GET', edit)).json.status, 'LIVE')
  assert.deepEqual(await rows(server), ['LIVE past', 'LIVE live'])
})

test('a commit that is refused is 403 with the failures and leaves the edit as it was', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const before = await amazon.want(200, 'GET', edit)
  const refused = await amazon.commit(edit, 403)
  assert.deepEqual(codesOf(refused), ['error_release_notes_incomplete'])
  assert.equal((await amazon.want(200, 'GET', edit)).etag, before.etag)
})

test('the second of two commits is 412 [7-46]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  await amazon.commit(edit)
  await amazon.commit(edit, 412)
  await goLive(server)
  await amazon.commit(edit, 412)
})

test('two commits at once with the same tag: one is 200, the other 412 [7-46]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  const { etag = '' } = await amazon.want(200, 'GET', edit)
  const answers = await Promise.all(
    [1, 2].map(() => amazon.ask('POST', `${edit}/commit`, undefined, { 'if-match': etag })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
})

test('a commit ignores its body, whatever it is [7-55]', async () => {
  for (const body of ['{}', '', 'no json at all']) {
    await using server = await startAmazon()
    const amazon = await amazonClient(server)
    const edit = await amazon.open()
    await amazon.writeNotes(edit)
    await amazon.write(200, 'POST', `${edit}/commit`, body, edit)
  }
})

test('commit and delete without If-Match are 400 required_data_absent, with a stale one 412 [7-5][7-6]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { etag: stale = '' } = await amazon.want(200, 'GET', edit)
  await amazon.writeNotes(edit)
  for (const [method, path] of [
    ['POST', `${edit}/commit`],
    ['DELETE', edit],
  ] as const) {
    assert.deepEqual((await amazon.want(400, method, path)).json, {
      httpCode: 400,
      message: 'Bad Request',
      errors: [{ errorCode: 'required_data_absent', errorMessage: 'If-Match header is required' }],
    })
    assert.equal(
      (await amazon.want(412, method, path, undefined, { 'if-match': stale })).json.message,
      'Precondition Failed',
    )
  }
  assert.deepEqual(await rows(server), ['LIVE live', 'IN_PROGRESS draft'])
})

test('copied release notes do not satisfy validation, blank or not [7-19]', async () => {
  for (const amazonReleaseNotes of ['blank', 'copy'] as const) {
    await using server = await startAmazon({ amazonReleaseNotes })
    const amazon = await amazonClient(server)
    const edit = await amazon.open()
    const { json } = await amazon.want(200, 'GET', `${edit}/listings/en-US`)
    assert.equal(json.recentChanges, amazonReleaseNotes === 'copy' ? 'The first release.' : '')
    assert.deepEqual(codesOf(await amazon.want(403, 'POST', `${edit}/validate`)), [
      'error_release_notes_incomplete',
    ])
    // Written again, the same text is this edit's.
    await amazon.write(200, 'PUT', `${edit}/listings/en-US`, { ...json, recentChanges: 'The first release.' })
    await amazon.want(200, 'POST', `${edit}/validate`)
  }
})

test('an unknown app is 400 invalid_input, and so is another account’s and one of another store [7-20]', async () => {
  await using server = await startAmazon()
  await server.engine.createAccount({ id: 'other', name: 'Other' })
  const other = { accountId: 'other', credentialId: 'test', role: 'operator' } as const
  const { id } = await server.engine.createProduct(other, {
    store: 'amazon',
    kind: 'app',
    name: 'Other',
    identity: 'com.example.other',
    published: {},
  })
  const edge = '33333333-3333-3333-3333-333333333333'
  for (const app of ['com.example.nobody', 'amzn1.devportal.mobileapp.0', id, 'com.example.other', edge]) {
    const amazon = await amazonClient(server, { app })
    for (const [method, path] of [
      ['GET', '/edits'],
      ['POST', '/edits'],
      ['GET', '/edits/x/listings'],
    ] as const) {
      assert.deepEqual((await amazon.want(400, method, path)).json, {
        httpCode: 400,
        message: 'Bad Request',
        errors: [{ errorCode: 'invalid_input', errorMessage: 'No app found with the entered Inputs' }],
      })
    }
  }
})

test('the app’s id and its package name lead to the same edit, before the first package and after [7-21]', async () => {
  await using server = await startAmazon()
  const byId = await amazonClient(server)
  const byName = await amazonClient(server, { app: seededApp.packageName })
  const edit = await byName.open()
  assert.equal((await byId.want(200, 'GET', edit)).text, (await byName.want(200, 'GET', edit)).text)
  await byName.write(204, 'DELETE', edit)
  await publishApk(byName, apkOf())
  // The published package decided what the app is called; the name of its seed still leads there.
  const byIdentity = await amazonClient(server, { app: 'com.example.built' })
  const next = await byIdentity.open()
  for (const client of [byId, byName]) await client.want(200, 'GET', next)
})

test('in review reads work and every write is 412 [7-22]', async () => {
  await using server = await startAmazon({ review: 'manual' })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  await amazon.commit(edit)
  await goLive(server)
  assert.equal((await amazon.want(200, 'GET', '/edits')).json.status, 'REVIEW')
  const listing = (await amazon.want(200, 'GET', `${edit}/listings/en-US`)).json
  const apk = `${edit}/apks/${seededApp.apkId}`
  const images = `${edit}/listings/en-US/screenshots`
  const writes: ['POST' | 'PUT' | 'DELETE', string, (object | string | Uint8Array)?][] = [
    ['PUT', `${edit}/listings/en-US`, listing],
    ['DELETE', `${edit}/listings/de-DE`],
    ['PUT', `${edit}/details`, { contactPhone: '1' }],
    ['PUT', `${edit}/availability`, { publishingDate: {} }],
    ['POST', `${edit}/apks/upload`, apkOf()],
    ['PUT', `${apk}/replace`, apkOf()],
    ['DELETE', apk],
    ['PUT', `${apk}/targeting`, {}],
    ['POST', `${edit}/apks/large/upload`, apkOf()],
    ['POST', `${edit}/apks/attach`, { fileId: 'x' }],
    ['POST', `${images}/upload`, 'x'],
    ['DELETE', images],
    ['DELETE', `${images}/x`],
    ['POST', `${edit}/listings/en-US/videos`, 'x'],
    ['DELETE', `${edit}/listings/en-US/videos`],
    ['DELETE', edit],
    ['POST', `${edit}/commit`],
  ]
  for (const [method, path, body] of writes) {
    const { json } = await amazon.want(412, method, path, body, { 'if-match': '*' })
    assert.equal(json.message, 'Precondition Failed', path)
  }
  assert.equal((await amazon.want(200, 'GET', edit)).json.status, 'REVIEW')
})

test('a review that ends badly gives the edit back as a draft', async () => {
  await using server = await startAmazon({ review: 'manual' })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  await amazon.commit(edit)
  await server.engine.actOnSubmission(operator, { id: edit.slice('/edits/'.length), action: 'reject' })
  assert.equal((await amazon.want(200, 'GET', '/edits')).json.status, 'IN_PROGRESS')
  await amazon.commit(edit)
})

test('edit, APK and token have their keys and no others [7-24]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const keys = async (path: string) => Object.keys((await amazon.want(200, 'GET', path)).json)
  assert.deepEqual(await keys('/edits'), ['id', 'status'])
  assert.deepEqual(await keys(edit), ['id', 'status'])
  assert.deepEqual(await keys('/edits/previous'), ['id', 'status'])
  assert.deepEqual(await keys(`${edit}/apks/${seededApp.apkId}`), ['versionCode', 'id', 'name'])
  const token = await server.http.inject({
    method: 'POST',
    url: '/auth/o2/token',
    payload: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: seededApp.clientId,
      client_secret: seededApp.secret,
      scope: 'appstore::apps:readwrite',
    }),
  })
  assert.deepEqual(Object.keys(token.json() as object), ['access_token', 'scope', 'token_type', 'expires_in'])
})

test('an empty part of a path is the gateway’s 400, with a capital M, whatever stands around it [7-38]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  for (const path of ['/edits//apks', '/edits//', '//edits', '/edits//listings/en-US']) {
    const { json } = await amazon.want(400, 'GET', path)
    const uri = `/appstore/v1/applications/${seededApp.appId}${path}`
    assert.deepEqual(json, {
      Message: `Unable to fetch the request scope for uri = ${uri} and verb = GET`,
    })
  }
  assert.match((await amazon.want(400, 'PATCH' as 'PUT', '/edits')).json.Message, /verb = PATCH$/)
})

test('gateway errors and API errors have different shapes [7-39]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const stranger = await amazonClient(server, { token: 'Atc|nobody' })
  assert.deepEqual((await stranger.want(401, 'GET', '/edits')).json, {
    Message: 'Request is not authorized.',
  })
  const { json } = await amazon.want(404, 'GET', '/edits/nothing')
  assert.deepEqual(Object.keys(json), ['httpCode', 'message', 'errors'])
  assert.deepEqual(Object.keys(json.errors[0]), ['errorCode', 'errorMessage'])
})

test('an edit without any APK is legal until it is validated [7-57]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.write(204, 'DELETE', `${edit}/apks/${seededApp.apkId}`)
  assert.equal((await amazon.want(200, 'GET', `${edit}/apks`)).text, '[]')
  await amazon.writeNotes(edit)
  const { json } = await amazon.want(403, 'POST', `${edit}/validate`)
  assert.deepEqual(json.errors, [
    { errorCode: 'invalid_input', errorMessage: 'The edit has no APK. Upload one.' },
  ])
})

test('an edit that is not the app’s is 404 in the API error shape: unknown, deleted, replaced, or another app’s [7-58]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const { id: otherApp } = await server.engine.createProduct(operator, {
    store: 'amazon',
    kind: 'app',
    name: 'Other',
    published: {},
  })
  const other = await (await amazonClient(server, { app: otherApp })).open()
  const first = await publishApk(amazon, apkOf(7))
  await publishApk(amazon, apkOf(8))
  const unknown = `/edits/amzn1.devportal.apprelease.${'0'.repeat(32)}`
  for (const edit of [unknown, '/edits/nothing', other, first]) {
    for (const path of ['', '/listings', '/listings/en-US', '/apks', '/details', '/availability']) {
      const { json } = await amazon.want(404, 'GET', `${edit}${path}`)
      assert.equal(json.httpCode, 404)
    }
    await amazon.want(404, 'POST', `${edit}/validate`)
    await amazon.want(404, 'POST', `${edit}/commit`, undefined, { 'if-match': '*' })
    await amazon.want(404, 'PUT', `${edit}/details`, {}, { 'if-match': '*' })
    await amazon.want(404, 'POST', `${edit}/apks/upload`, apkOf(9))
  }
})

test('a release date holds an approved edit back until it has come, and the next edit has none', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  const publishingDate = { dateTime: '2026-01-03T00:00:00', zoneId: 'Asia_Tokyo' }
  await amazon.write(200, 'PUT', `${edit}/availability`, { publishingDate })
  await amazon.commit(edit)
  await goLive(server)
  assert.equal((await amazon.want(200, 'GET', '/edits')).json.status, 'REVIEW')
  const until = Date.parse('2026-01-02T15:00:00Z')
  await server.elapse(until - server.clock.now() - 1)
  await server.elapse(0)
  // A token lasts an hour, the date is two days away.
  const later = await amazonClient(server)
  assert.equal((await later.want(200, 'GET', '/edits')).json.status, 'REVIEW')
  await server.elapse(1)
  await server.elapse(200)
  assert.equal((await later.want(200, 'GET', '/edits')).text, '{}')
  const next = await later.open()
  assert.deepEqual((await later.want(200, 'GET', `${next}/availability`)).json, {
    publishingDate: { dateTime: null, zoneId: null },
  })
})
