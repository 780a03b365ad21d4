import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apkOf, goLive, type Json, rows, seededApp } from '../../../test/helpers/amazon-client.ts'
import { startWire, type Wire, type WireReply } from '../../../test/helpers/amazon-wire.ts'
import { buildPng, mp4 } from '../../../test/helpers/media-builder.ts'
import { operator } from '../../../test/helpers/scenario.ts'

/**
 * What real clients send, request by request, headers and quirks included (amazon-appstore.md 6.3). The comments
 * name what each of them is strict about.
 */

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const octets = { 'content-type': 'application/octet-stream' }
const archive = { 'content-type': 'application/vnd.android.package-archive' }

/** Any status of the 2xx, as most clients look at it. */
function ok(reply: WireReply): WireReply {
  assert.ok(reply.status >= 200 && reply.status < 300, `${reply.status} ${reply.text}`)
  return reply
}

const ifMatch = ({ etag }: WireReply) => ({ 'if-match': etag })

async function eventsSince(wire: Wire, seq: number): Promise<string[]> {
  await wire.server.settle()
  const events = await wire.server.engine.listEvents(operator, { after: seq, limit: 1000 })
  return events.map(({ type }) => type)
}

async function lastEvent(wire: Wire): Promise<number> {
  const events = await wire.server.engine.listEvents(operator, { after: 0, limit: 1000 })
  return events.at(-1)?.seq ?? 0
}

/** NTSK: release notes as JSON labelled a form, under the tag of the list; every image type in its order. */
async function ntsk(wire: Wire, mode: 'new' | 'reuse', overwrite = true): Promise<void> {
  await wire.login()
  let active = ok(await wire.send('GET', '/edits', { headers: form }))
  if (active.json.id !== undefined && mode === 'new' && overwrite) {
    ok(await wire.send('DELETE', `/edits/${active.json.id}`, { headers: { ...form, ...ifMatch(active) } }))
  }
  if (mode === 'new') active = ok(await wire.send('POST', '/edits', { headers: form, body: '' }))
  const edit = `/edits/${active.json.id}`
  const apks: Json[] = ok(await wire.send('GET', `${edit}/apks`)).json
  assert.ok(apks.length > 0)
  const first = `${edit}/apks/${apks[0].id}`
  const tag = ifMatch(ok(await wire.send('GET', first)))
  const replaced = ok(
    await wire.send('PUT', `${first}/replace`, {
      headers: { ...archive, ...tag },
      body: apkOf(7, { minSdk: 21 }),
    }),
  )
  const extra = ok(
    await wire.send('POST', `${edit}/apks/upload`, { headers: archive, body: apkOf(8, { minSdk: 28 }) }),
  )
  assert.ok(Math.max(replaced.json.versionCode, extra.json.versionCode) === 8)
  for (const language of Object.keys(ok(await wire.send('GET', `${edit}/listings`)).json.listings)) {
    const all = ok(await wire.send('GET', `${edit}/listings`))
    const body = JSON.stringify({ ...all.json.listings[language], recentChanges: '-' })
    ok(
      await wire.send('PUT', `${edit}/listings/${language}`, { headers: { ...form, ...ifMatch(all) }, body }),
    )
    const own = ok(await wire.send('GET', `${edit}/listings/${language}`))
    const metadata = JSON.stringify({ ...own.json, title: 'From metadata' })
    ok(
      await wire.send('PUT', `${edit}/listings/${language}`, {
        headers: { ...json, ...ifMatch(own) },
        body: metadata,
      }),
    )
    const images: [string, Uint8Array[]][] = [
      ['small-icons', [buildPng(114, 114)]],
      ['large-icons', [buildPng(512, 512)]],
      ['promo-images', [buildPng(1024, 500)]],
      ['firetv-icons', [buildPng(1280, 720)]],
      ['firetv-backgrounds', [buildPng(1920, 1080)]],
      ['screenshots', Array<Uint8Array>(3).fill(buildPng(800, 480))],
      ['firetv-screenshots', Array<Uint8Array>(3).fill(buildPng(1920, 1080))],
    ]
    for (const [type, files] of images) {
      const slot = `${edit}/listings/${language}/${type}`
      ok(await wire.send('DELETE', slot, { headers: ifMatch(ok(await wire.send('GET', slot))) }))
      for (const file of files) {
        const headers = { ...octets, ...ifMatch(ok(await wire.send('GET', slot))) }
        ok(await wire.send('POST', `${slot}/upload`, { headers, body: file }))
      }
    }
  }
  const last = ok(await wire.send('GET', edit))
  ok(await wire.send('POST', `${edit}/commit`, { headers: { ...form, ...ifMatch(last) }, body: '' }))
}

test('NTSK publishes APKs, notes, metadata and images, with a new edit [7-8][7-11][7-12][7-35]', async () => {
  await using wire = await startWire({}, seededApp.packageName)
  await wire.login()
  ok(await wire.send('POST', '/edits'))
  await ntsk(wire, 'new')
  await goLive(wire.server)
  assert.deepEqual(await rows(wire.server), ['LIVE past', 'LIVE live'])
  assert.equal((await wire.send('GET', '/edits')).text, '{}')
})

test('NTSK goes on with the edit that is open, and fails where it is told not to overwrite it', async () => {
  await using wire = await startWire()
  await wire.login()
  ok(await wire.send('POST', '/edits'))
  await assert.rejects(ntsk(wire, 'new', false), /409/)
  await ntsk(wire, 'reuse')
  await goLive(wire.server)
  assert.deepEqual(await rows(wire.server), ['LIVE past', 'LIVE live'])
})

/** UGM: JSON login, recentChanges twice in one body, and a commit with the tag it read first. */
async function ugm(wire: Wire): Promise<WireReply> {
  await wire.login({ json: true })
  let active = ok(await wire.send('GET', '/edits', { headers: json }))
  if (active.json.id === undefined) {
    ok(await wire.send('POST', '/edits', { headers: json, body: '' }))
    active = ok(await wire.send('GET', '/edits', { headers: json }))
  }
  const edit = `/edits/${active.json.id}`
  const apk = ok(await wire.send('GET', `${edit}/apks`, { headers: json })).json[0]
  const tag = ifMatch(ok(await wire.send('GET', `${edit}/apks/${apk.id}`, { headers: json })))
  const headers = { ...archive, ...tag, fileName: 'app-release.apk' }
  ok(await wire.send('PUT', `${edit}/apks/${apk.id}/replace`, { headers, body: apkOf(7) }))
  for (const language of Object.keys(ok(await wire.send('GET', `${edit}/listings`)).json.listings)) {
    const listing = ok(await wire.send('GET', `${edit}/listings/${language}`))
    const twice = `{${JSON.stringify(listing.json).slice(1, -1)},"recentChanges":"Twice, the last one counts"}`
    ok(
      await wire.send('PUT', `${edit}/listings/${language}`, {
        headers: { ...json, ...ifMatch(listing) },
        body: twice,
      }),
    )
  }
  return wire.send('POST', `${edit}/commit`, { headers: { ...json, ...ifMatch(active) }, body: '' })
}

test('UGM’s commit with the tag it read first is 412 where the edit’s tag moves, and good where it does not [7-16]', async () => {
  await using moves = await startWire()
  assert.equal((await ugm(moves)).status, 412)
  assert.deepEqual(await rows(moves.server), ['LIVE live', 'IN_PROGRESS draft'])
  await using fixed = await startWire({ amazonEditTag: 'fixed' })
  const committed = await ugm(fixed)
  assert.deepEqual([committed.status, committed.json.status], [200, 'SUBMITTED'])
  const { json: edit } = await fixed.send('GET', '/edits')
  const { json: listing } = await fixed.send('GET', `/edits/${edit.id}/listings/en-US`)
  assert.equal(listing.recentChanges, 'Twice, the last one counts')
})

test('KREEGER’s library: every call, one tag for a language, malformed types, nested ids, no empty 200 [7-14][7-33][7-47][7-49]', async () => {
  await using wire = await startWire()
  await wire.login()
  const binary = { 'content-type': 'path/app.apk: binary', fileName: 'app.apk' }
  assert.deepEqual(ok(await wire.send('GET', '/edits/previous', { headers: form })).json, {})
  const created = ok(await wire.send('POST', '/edits', { headers: json, body: '{}' }))
  const edit = `/edits/${created.json.id}`
  assert.match(
    ok(await wire.send('GET', '/edits/previous', { headers: form })).json.id,
    /^amzn1\.devportal\.apprelease\./,
  )
  const details = ok(await wire.send('GET', `${edit}/details`, { headers: form }))
  const changed = { ...details.json, contactPhone: '1' }
  ok(
    await wire.send('PUT', `${edit}/details`, {
      headers: { ...json, ...ifMatch(details) },
      body: JSON.stringify(changed),
    }),
  )
  const availability = ok(await wire.send('GET', `${edit}/availability`, { headers: form }))
  // It reads members of the date without looking whether there is one.
  assert.equal(availability.json.publishingDate.dateTime, null)
  const date = { publishingDate: { dateTime: '2027-02-27T15:19:37', zoneId: 'US/Central' } }
  ok(
    await wire.send('PUT', `${edit}/availability`, {
      headers: { ...json, ...ifMatch(availability) },
      body: JSON.stringify(date),
    }),
  )
  const apk = ok(await wire.send('POST', `${edit}/apks/upload`, { headers: binary, body: apkOf(7) }))
  const targeting = ok(await wire.send('GET', `${edit}/apks/${apk.json.id}/targeting`, { headers: form }))
  for (const device of targeting.json.amazonDevices)
    assert.equal(typeof Object.keys(device.reason).length, 'number')
  const { otherAndroidDevices: _dropped, ...rest } = targeting.json
  const put = { headers: { ...json, ...ifMatch(targeting) }, body: JSON.stringify(rest) }
  ok(await wire.send('PUT', `${edit}/apks/${apk.json.id}/targeting`, put))
  const language = `${edit}/listings/en-US`
  const listing = ok(await wire.send('GET', language, { headers: form }))
  let kept = listing.etag
  const chained = async (
    method: string,
    path: string,
    request: { headers?: object; body?: string | Uint8Array } = {},
  ) => {
    const reply = await wire.send(method, path, {
      ...request,
      headers: { ...request.headers, 'if-match': kept },
    })
    kept = ok(reply).etag
    assert.ok(reply.status === 204 ? reply.text === '' : reply.text !== '')
    return reply
  }
  const body = JSON.stringify({ ...listing.json, recentChanges: 'New.' })
  await chained('PUT', language, { headers: json, body })
  const image = await chained('POST', `${language}/screenshots/upload`, {
    headers: binary,
    body: buildPng(800, 480),
  })
  await chained('DELETE', `${language}/screenshots/${image.json.image.id}`, { headers: form })
  const video = await chained('POST', `${language}/videos/upload`, { headers: binary, body: mp4 })
  await chained('DELETE', `${language}/videos/${video.json.video.id}`, { headers: form })
  await chained('DELETE', `${language}/videos`, { headers: form })
  await chained('PUT', language, { headers: json, body })
  const current = ok(await wire.send('GET', edit, { headers: form }))
  const validated = ok(await wire.send('POST', `${edit}/validate`, { headers: ifMatch(current) }))
  assert.equal(validated.json.status, 'IN_PROGRESS')
  ok(await wire.send('POST', `${edit}/commit`, { headers: ifMatch(current) }))
})

/** GALONGA and AJP take the last APK and stream it, AMEYA the highest version code; none of them commits. */
async function galonga(wire: Wire, pick: 'last' | 'highest'): Promise<WireReply> {
  await wire.login()
  let active = await wire.send('GET', '/edits', { headers: json })
  if (JSON.stringify(active.json) === '{}')
    active = await wire.send('POST', '/edits', { headers: json, body: '' })
  const apks: Json[] = (await wire.send('GET', `/edits/${active.json.id}/apks`, { headers: json })).json
  const chosen =
    pick === 'last' ? apks.at(-1) : apks.reduce((a, b) => (b.versionCode > a.versionCode ? b : a))
  const path = `/edits/${active.json.id}/apks/${chosen.id}`
  const tag = ifMatch(await wire.send('GET', path, { headers: json }))
  const bytes = apkOf(pick === 'last' ? 7 : 8)
  async function* stream() {
    yield bytes.subarray(0, 1000)
    yield bytes.subarray(1000)
  }
  const request =
    pick === 'last'
      ? { headers: { ...archive, ...tag }, body: stream() }
      : { headers: { ...octets, ...tag }, body: bytes }
  return wire.send('PUT', `${path}/replace`, request)
}

test('GALONGA, AJP and AMEYA replace an APK, in the open edit or a new one, and leave the commit to others [7-1][7-15][7-29][7-50]', async () => {
  await using wire = await startWire()
  const first = ok(await galonga(wire, 'last'))
  assert.equal(first.reason, 'OK')
  const second = ok(await galonga(wire, 'highest'))
  assert.equal(second.json.versionCode, 8)
  assert.equal(second.json.id, first.json.id)
  assert.deepEqual(await rows(wire.server), ['LIVE live', 'IN_PROGRESS draft'])
})

test('LESSON replaces the only APK and commits with the tag of GET /edits [7-7][7-42]', async () => {
  await using wire = await startWire()
  await wire.login()
  let active = ok(await wire.send('GET', '/edits'))
  if (active.json.id === undefined) active = ok(await wire.send('POST', '/edits', { body: '' }))
  const edit = `/edits/${active.json.id}`
  const { json: apks } = ok(await wire.send('GET', `${edit}/apks`))
  assert.equal(apks.length, 1)
  const path = `${edit}/apks/${apks[0].id}`
  const headers = { ...octets, fileName: 'app.apk', ...ifMatch(ok(await wire.send('GET', path))) }
  ok(await wire.send('PUT', `${path}/replace`, { headers, body: apkOf(7) }))
  // It writes no notes; somebody else did.
  const listing = ok(await wire.send('GET', `${edit}/listings/en-US`))
  const body = JSON.stringify({ ...listing.json, recentChanges: 'New.' })
  ok(await wire.send('PUT', `${edit}/listings/en-US`, { headers: ifMatch(listing), body }))
  const before = await lastEvent(wire)
  const last = ok(await wire.send('GET', '/edits'))
  const committed = ok(
    await wire.send('POST', `${edit}/commit`, { headers: { ...ifMatch(last), 'content-length': '0' } }),
  )
  assert.equal(committed.json.status, 'SUBMITTED')
  await goLive(wire.server)
  assert.deepEqual(await eventsSince(wire, before), [
    'submission.moved',
    'submission.moved',
    'submission.moved',
    'submission.moved',
    'submission.published',
  ])
})

test('BHARAT reads headers and body apart, validates without a tag and commits', async () => {
  await using wire = await startWire()
  await wire.login()
  const { json: created } = ok(await wire.send('POST', '/edits', { headers: json }))
  const edit = `/edits/${created.id}`
  for (const language of Object.keys(ok(await wire.send('GET', `${edit}/listings`)).json.listings)) {
    const { etag } = ok(await wire.send('HEAD', `${edit}/listings/${language}`))
    const { json: listing } = ok(await wire.send('GET', `${edit}/listings/${language}`))
    const body = JSON.stringify({ ...listing, recentChanges: 'Fixes.\n' })
    ok(
      await wire.send('PUT', `${edit}/listings/${language}`, {
        headers: { ...json, 'if-match': etag },
        body,
      }),
    )
  }
  ok(await wire.send('POST', `${edit}/validate`))
  const headers = ifMatch(ok(await wire.send('GET', edit)))
  assert.equal(ok(await wire.send('POST', `${edit}/commit`, { headers })).json.status, 'SUBMITTED')
})

test('HAMCLOCK and PLEZY: an open edit is met with 409, read again and used; commit can be resumed later [7-2][7-6]', async () => {
  await using wire = await startWire()
  await wire.login()
  ok(await wire.send('POST', '/edits'))
  const refused = await wire.send('POST', '/edits', { headers: json, body: '' })
  assert.equal(refused.status, 409)
  const { json: active } = ok(await wire.send('GET', '/edits'))
  const edit = `/edits/${active.id}`
  const { json: apks } = ok(await wire.send('GET', `${edit}/apks`))
  const path = `${edit}/apks/${apks[0].id}`
  const tag = ifMatch(ok(await wire.send('GET', path)))
  assert.equal(
    ok(await wire.send('PUT', `${path}/replace`, { headers: { ...octets, ...tag }, body: apkOf(7) })).json
      .versionCode,
    7,
  )
  const { json: all } = ok(await wire.send('GET', `${edit}/listings`))
  for (const language of Object.keys(all.listings)) {
    const own = ok(await wire.send('GET', `${edit}/listings/${language}`))
    const body = JSON.stringify({ ...own.json, recentChanges: '✔' })
    ok(
      await wire.send('PUT', `${edit}/listings/${language}`, { headers: { ...json, ...ifMatch(own) }, body }),
    )
  }
  await wire.login()
  const resumed = ok(await wire.send('GET', edit))
  ok(await wire.send('POST', `${edit}/commit`, { headers: ifMatch(resumed), body: '{}' }))
})

test('CUSTOMRR and GLOB2 begin anew, delete what is too many, write en_US and validate before the commit [7-45][7-48]', async () => {
  await using wire = await startWire()
  await wire.login()
  ok(await wire.send('POST', '/edits'))
  const { json: open } = ok(await wire.send('GET', '/edits'))
  const tag = ifMatch(ok(await wire.send('GET', `/edits/${open.id}`)))
  assert.equal((await wire.send('DELETE', `/edits/${open.id}`, { headers: tag })).status, 204)
  const { json: created } = ok(await wire.send('POST', '/edits'))
  const edit = `/edits/${encodeURIComponent(created.id)}`
  const extra = ok(await wire.send('POST', `${edit}/apks/upload`, { headers: octets, body: apkOf(6) }))
  const { json: apks } = ok(await wire.send('GET', `${edit}/apks`))
  const first = `${edit}/apks/${apks[0].id}`
  const headers = { ...archive, ...ifMatch(ok(await wire.send('GET', first))) }
  const replaced = ok(await wire.send('PUT', `${first}/replace`, { headers, body: apkOf(7) }))
  assert.equal(replaced.json.versionCode, 7)
  const surplus = `${edit}/apks/${extra.json.id}`
  ok(await wire.send('DELETE', surplus, { headers: ifMatch(ok(await wire.send('GET', surplus))) }))
  const listing = ok(await wire.send('GET', `${edit}/listings/en_US`))
  const body = JSON.stringify({ ...listing.json, recentChanges: 'New.' })
  ok(await wire.send('PUT', `${edit}/listings/en_US`, { headers: { ...json, ...ifMatch(listing) }, body }))
  ok(await wire.send('POST', `${edit}/validate`))
  ok(await wire.send('POST', `${edit}/commit`, { headers: ifMatch(ok(await wire.send('GET', edit))) }))
})

test('MOZ compares every status and the text {}, deletes all APKs first, validates and never commits [7-1][7-2][7-3][7-57]', async () => {
  await using wire = await startWire({}, seededApp.packageName)
  await wire.login()
  const want = async (status: number, method: string, path: string, request = {}) => {
    const reply = await wire.send(method, path, request)
    assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`)
    return reply
  }
  assert.equal((await want(200, 'GET', '/edits')).text, '{}')
  const { json: created } = await want(200, 'POST', '/edits')
  const edit = `/edits/${created.id}`
  for (const apk of (await want(200, 'GET', `${edit}/apks`)).json) {
    const tag = ifMatch(await want(200, 'GET', `${edit}/apks/${apk.id}`))
    await want(204, 'DELETE', `${edit}/apks/${apk.id}`, { headers: tag })
  }
  await want(200, 'POST', `${edit}/apks/upload`, { headers: octets, body: apkOf(7, { minSdk: 21 }) })
  await want(200, 'POST', `${edit}/apks/upload`, { headers: octets, body: apkOf(8, { minSdk: 28 }) })
  for (const language of Object.keys((await want(200, 'GET', `${edit}/listings`)).json.listings)) {
    const listing = await want(200, 'GET', `${edit}/listings/${language}`)
    const body = JSON.stringify({ ...listing.json, recentChanges: '✔' })
    await want(200, 'PUT', `${edit}/listings/${language}`, {
      headers: { ...json, ...ifMatch(listing) },
      body,
    })
  }
  await want(200, 'POST', `${edit}/validate`)
  const tag = ifMatch(await want(200, 'GET', edit))
  await want(204, 'DELETE', edit, { headers: tag })
  assert.deepEqual(await rows(wire.server), ['LIVE live'])
})

test('ODD logs in on the other path, begins anew, replaces, and attaches a large file by asking again [7-30][7-36]', async () => {
  await using wire = await startWire()
  await wire.login({ json: true, path: '/auth/O2/token' })
  ok(await wire.send('POST', '/edits'))
  const active = ok(await wire.send('GET', '/edits'))
  const deleted = await wire.send('DELETE', `/edits/${active.json.id}`, { headers: ifMatch(active) })
  assert.ok(deleted.status === 204 || deleted.status === 200)
  const created = await wire.send('POST', '/edits', { headers: json })
  assert.equal(created.status, 200)
  const edit = `/edits/${created.json.id}`
  const large = ok(await wire.send('POST', `${edit}/apks/large/upload`, { headers: octets, body: apkOf(7) }))
  let attached: WireReply
  let asked = 0
  for (;;) {
    attached = await wire.send('POST', `${edit}/apks/attach`, {
      headers: json,
      body: JSON.stringify(large.json),
    })
    if (attached.status === 200) break
    assert.equal(attached.json.errors[0].errorCode, 'asset_not_ready')
    assert.ok(++asked < 30)
    await wire.server.elapse(1000)
  }
  assert.equal(asked, 2)
  assert.equal(attached.json.versionCode, 7)
})

/** BRANT and ANGEL: DELETE whose result is ignored, GET /edits right after it, exact keys only. */
test('BRANT and ANGEL find no edit right after deleting it, and decode edits and APKs strictly [7-24][7-25][7-45]', async () => {
  await using wire = await startWire()
  await wire.login()
  ok(await wire.send('POST', '/edits'))
  const open = ok(await wire.send('GET', '/edits'))
  await wire.send('DELETE', `/edits/${open.json.id}`, { headers: ifMatch(open) })
  assert.deepEqual(ok(await wire.send('GET', '/edits')).json, {})
  const created = ok(await wire.send('POST', '/edits'))
  assert.deepEqual(Object.keys(created.json), ['id', 'status'])
  const edit = `/edits/${created.json.id}`
  const { json: apks } = ok(await wire.send('GET', `${edit}/apks`))
  for (const apk of apks) {
    assert.deepEqual(Object.keys(apk).sort(), ['id', 'name', 'versionCode'])
    const tag = ifMatch(ok(await wire.send('GET', `${edit}/apks/${apk.id}`)))
    ok(await wire.send('DELETE', `${edit}/apks/${apk.id}`, { headers: tag }))
  }
  for (const [index, code] of [7, 8].entries()) {
    const headers = { ...archive, filename: `APK-${index + 1}` }
    const uploaded = ok(await wire.send('POST', `${edit}/apks/upload`, { headers, body: apkOf(code) }))
    assert.deepEqual(uploaded.json.name, `APK-${index + 1}`)
    assert.equal(uploaded.json.versionCode, code)
  }
})

test('CCAR’s dance: the old APK lets go of its devices, the new one takes the old list, then the old one goes [7-26][7-27][7-31]', async () => {
  for (const amazonTargeting of ['compatible', 'nothing'] as const) {
    await using wire = await startWire({ amazonTargeting })
    await wire.login()
    const { json: created } = ok(await wire.send('POST', '/edits'))
    const edit = `/edits/${created.id}`
    const old = `${edit}/apks/${seededApp.apkId}`
    const before = ok(await wire.send('GET', `${old}/targeting`)).json
    const large = ok(
      await wire.send('POST', `${edit}/apks/large/upload`, {
        headers: archive,
        body: apkOf(7, { minSdk: 21 }),
      }),
    )
    await wire.server.elapse(60_000)
    // The answer's own text is the request.
    const { json: apk } = ok(
      await wire.send('POST', `${edit}/apks/attach`, { headers: json, body: large.text }),
    )
    const off = (devices: Json[]) =>
      devices.map((each) => ({
        ...each,
        status: each.status === 'TARGETING' ? 'NOT_TARGETING' : each.status,
      }))
    const letGo = {
      amazonDevices: off(before.amazonDevices),
      nonAmazonDevices: off(before.nonAmazonDevices),
      otherAndroidDevices: 'NOT_TARGETING',
    }
    const oldTag = ifMatch(ok(await wire.send('GET', `${old}/targeting`)))
    ok(
      await wire.send('PUT', `${old}/targeting`, {
        headers: { ...json, ...oldTag },
        body: JSON.stringify(letGo),
      }),
    )
    const own = `${edit}/apks/${apk.id}/targeting`
    const tag = ifMatch(ok(await wire.send('GET', own)))
    const taken = ok(
      await wire.send('PUT', own, { headers: { ...json, ...tag }, body: JSON.stringify(before) }),
    )
    assert.deepEqual(taken.json, before)
    ok(await wire.send('DELETE', old, { headers: ifMatch(ok(await wire.send('GET', old))) }))
    const { json: apks } = ok(await wire.send('GET', `${edit}/apks`))
    assert.deepEqual(apks, [apk])
  }
})

test('ADO’s lower-case scheme, and blanks too many, are good in every call [7-37]', async () => {
  await using wire = await startWire()
  for (const scheme of ['bearer ', 'Bearer  ']) {
    await wire.login({ scheme })
    ok(await wire.send('GET', '/edits'))
  }
})

test('JMD sends no If-Match where one is needed and is told so, and knows no image type [7-5]', async () => {
  await using wire = await startWire()
  await wire.login()
  const { json: created } = ok(await wire.send('POST', '/edits'))
  const edit = `/edits/${created.id}`
  for (const [method, path] of [
    ['PUT', `${edit}/apks/${seededApp.apkId}/replace`],
    ['POST', `${edit}/commit`],
    ['DELETE', edit],
    ['POST', `${edit}/listings/en-US/small-icons/upload`],
  ] as const) {
    const refused = await wire.send(method, path, method === 'DELETE' ? {} : { body: 'x' })
    assert.deepEqual([refused.status, refused.json.message], [400, 'Bad Request'])
    assert.equal(refused.json.errors[0].errorMessage, 'If-Match header is required')
  }
  const wrong = await wire.send('POST', `${edit}/listings/en-US/firetv-icon/upload`, {
    headers: { 'if-match': '*' },
  })
  assert.equal(wrong.json.errors[0].errorMessage, 'Invalid image type firetv-icon')
})
