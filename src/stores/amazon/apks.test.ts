import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  amazonClient,
  apkOf,
  codesOf,
  goLive,
  type Json,
  noApk,
  publishApk,
  rows,
  seededApp,
  snapshot,
  startAmazon,
} from '../../../test/helpers/amazon-client.ts'
import { hurriedInspector } from '../../../test/helpers/edge-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import { startServer } from '../../../test/helpers/start-server.ts'
import { devices, newestSdk } from './devices.ts'

const seededApk = `apks/${seededApp.apkId}`
const fileId = /^amzn1\.devportal\.assetupload\.[0-9a-f]{32}$/

test('GET apks is a bare array, also without any and with one, in the order of the uploads [O14][7-4][7-13][7-29]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  assert.equal((await amazon.want(200, 'GET', `${edit}/apks`)).json.length, 1)
  await amazon.write(204, 'DELETE', `${edit}/${seededApk}`)
  assert.equal((await amazon.want(200, 'GET', `${edit}/apks`)).text, '[]')
  for (const versionCode of [30, 10, 20]) {
    await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(versionCode))
  }
  const { json } = await amazon.want(200, 'GET', `${edit}/apks`)
  assert.deepEqual(
    json.map((apk: Json) => apk.versionCode),
    [30, 10, 20],
  )
  const last = `${edit}/apks/${json[2].id}`
  await amazon.write(200, 'PUT', `${last}/replace`, apkOf(40), last)
  const after = (await amazon.want(200, 'GET', `${edit}/apks`)).json
  assert.deepEqual(
    after.map((apk: Json) => apk.versionCode),
    [30, 10, 40],
  )
})

test('GET apks/{id} is the APK with its tag, which neither the list nor the body has [O15]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const one = await amazon.want(200, 'GET', `${edit}/${seededApk}`)
  assert.ok(one.etag)
  const list = await amazon.want(200, 'GET', `${edit}/apks`)
  assert.equal(list.etag, undefined)
  assert.deepEqual(list.json, [one.json])
  await amazon.want(404, 'GET', `${edit}/apks/MNOTHERE`)
  await amazon.want(404, 'GET', `${edit}/apks/constructor`)
})

test('an upload is 200 with the APK: a number, an id and a name that is never null [O16][7-25]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { json } = await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7))
  assert.match(json.id, /^M[0-9A-Z]{12}$/)
  assert.deepEqual(json, { versionCode: 7, id: json.id, name: 'APK2' })
  const named = await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(8), { fileName: 'release.apk' })
  assert.equal(named.json.name, 'release.apk')
  const events = await server.engine.listEvents(operator, { after: 0, limit: 1000 })
  assert.deepEqual(
    events.slice(-4).map(({ type }) => type),
    ['package.inspected', 'submission.changed', 'package.inspected', 'submission.changed'],
  )
})

test('a replaced APK keeps its id, place, targeting and DRM; deleted and uploaded it loses them [O17][7-28]', async () => {
  await using server = await startAmazon({ amazonDrm: 'unset' })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const off = devices[0]?.id
  await amazon.write(200, 'PUT', `${edit}/${seededApk}/targeting`, {
    amazonDevices: [{ id: off, status: 'NOT_TARGETING' }],
  })
  const targeting = (await amazon.want(200, 'GET', `${edit}/${seededApk}/targeting`)).json
  const before = await amazon.want(200, 'GET', `${edit}/${seededApk}`)
  const replaced = await amazon.write(
    200,
    'PUT',
    `${edit}/${seededApk}/replace`,
    apkOf(7, { minSdk: 21 }),
    `${edit}/${seededApk}`,
  )
  assert.deepEqual(replaced.json, { versionCode: 7, id: seededApp.apkId, name: 'APK1' })
  assert.notEqual(replaced.etag, before.etag)
  assert.deepEqual((await amazon.want(200, 'GET', `${edit}/${seededApk}/targeting`)).json, targeting)
  await amazon.writeNotes(edit)
  await amazon.want(200, 'POST', `${edit}/validate`)

  await amazon.write(204, 'DELETE', `${edit}/${seededApk}`)
  const { json } = await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(8, { minSdk: 21 }))
  assert.notEqual(json.id, seededApp.apkId)
  const anew = (await amazon.want(200, 'GET', `${edit}/apks/${json.id}/targeting`)).json
  assert.equal(anew.amazonDevices[0].status, 'TARGETING')
  assert.deepEqual(codesOf(await amazon.want(403, 'POST', `${edit}/validate`)), [
    'error_apk_drm_value_missing',
  ])
})

test('DELETE apks/{id} is 204 and takes the targeting along [O18][7-3]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { text } = await amazon.write(204, 'DELETE', `${edit}/${seededApk}`)
  assert.equal(text, '')
  await amazon.want(404, 'GET', `${edit}/${seededApk}`)
  await amazon.want(404, 'GET', `${edit}/${seededApk}/targeting`)
  await amazon.want(404, 'DELETE', `${edit}/${seededApk}`, undefined, { 'if-match': '*' })
})

test('replace, delete and targeting need If-Match; upload, large upload and attach do not [7-5][7-6]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const before = await snapshot(amazon, edit)
  for (const [method, path] of [
    ['PUT', `${edit}/${seededApk}/replace`],
    ['DELETE', `${edit}/${seededApk}`],
    ['PUT', `${edit}/${seededApk}/targeting`],
  ] as const) {
    const body = method === 'DELETE' ? undefined : path.endsWith('replace') ? apkOf() : {}
    assert.deepEqual(codesOf(await amazon.want(400, method, path, body)), ['required_data_absent'])
    await amazon.want(412, method, path, body, { 'if-match': '"stale"' })
  }
  assert.deepEqual(await snapshot(amazon, edit), before)
  await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7))
  const large = await amazon.want(200, 'POST', `${edit}/apks/large/upload`, apkOf(8))
  await server.elapse(2000)
  await amazon.want(200, 'POST', `${edit}/apks/attach`, large.text)
})

test('large/upload gives a handle, and its text is what attach wants [O19][7-30][7-31]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const before = await snapshot(amazon, edit)
  const large = await amazon.want(200, 'POST', `${edit}/apks/large/upload`, apkOf(8))
  assert.deepEqual(Object.keys(large.json), ['fileId'])
  assert.match(large.json.fileId, fileId)
  await server.elapse(2000)
  // Nothing of it is in the edit before it is attached.
  assert.deepEqual(await snapshot(amazon, edit), before)
  const attached = await amazon.want(200, 'POST', `${edit}/apks/attach`, large.text)
  assert.equal(attached.json.versionCode, 8)
})

test('attach is asset_not_ready until the file was processed, then the APK; another process may do it, in another edit [O20][7-30]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { json } = await amazon.want(200, 'POST', `${edit}/apks/large/upload`, apkOf(8))
  const before = await snapshot(amazon, edit)
  for (const wait of [0, 1999]) {
    await server.elapse(wait)
    const early = await amazon.want(400, 'POST', `${edit}/apks/attach`, json)
    assert.deepEqual(codesOf(early), ['asset_not_ready'])
    assert.deepEqual(await snapshot(amazon, edit), before)
  }
  await server.elapse(1)
  await amazon.write(204, 'DELETE', edit)
  const next = await amazon.open()
  const attached = await amazon.want(200, 'POST', `${next}/apks/attach`, { fileId: json.fileId, extra: 1 })
  const { json: apks } = await amazon.want(200, 'GET', `${next}/apks`)
  assert.deepEqual(apks.at(-1), attached.json)
  const again = await amazon.want(400, 'POST', `${next}/apks/attach`, json)
  assert.deepEqual(codesOf(again), ['error_apk_version_code_conflict'])
})

test('attach of an unknown file, another app’s, or none at all is 400', async () => {
  await using server = await startAmazon({ amazonLargeMs: '0' })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { id } = await server.engine.createProduct(operator, {
    store: 'amazon',
    kind: 'app',
    name: 'Other',
    published: {},
  })
  const other = await amazonClient(server, { app: id })
  const foreign = (await other.want(200, 'POST', `${await other.open()}/apks/large/upload`, apkOf())).json
  await server.elapse(0)
  const before = await snapshot(amazon, edit)
  const bodies: [object | string, string][] = [
    [{ fileId: `amzn1.devportal.assetupload.${'0'.repeat(32)}` }, 'invalid_input'],
    [{ fileId: 'nothing' }, 'invalid_input'],
    [{ fileId: 7 }, 'invalid_input'],
    [foreign, 'invalid_input'],
    [{}, 'required_data_absent'],
    ['', 'required_data_absent'],
    ['{"fileId"', 'invalid_input'],
  ]
  for (const [body, code] of bodies) {
    assert.deepEqual(codesOf(await amazon.want(400, 'POST', `${edit}/apks/attach`, body)), [code])
  }
  assert.deepEqual(await snapshot(amazon, edit), before)
})

test('what is wrong with a large file is said when it is attached', async () => {
  await using server = await startAmazon({ amazonLargeMs: '0' })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { text } = await amazon.want(200, 'POST', `${edit}/apks/large/upload`, noApk)
  await server.elapse(0)
  const { json } = await amazon.want(400, 'POST', `${edit}/apks/attach`, text)
  assert.match(json.errors[0].errorMessage, /apk-manifest-missing/)
  assert.deepEqual(codesOf(await amazon.want(400, 'POST', `${edit}/apks/large/upload`, '')), [
    'invalid_input',
  ])
})

test('GET targeting lists every device with a status and a reason that is an object [O21][7-26]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { json: apk } = await amazon.want(
    200,
    'POST',
    `${edit}/apks/upload`,
    apkOf(7, { minSdk: 28, children: [feature('android.hardware.touchscreen')] }),
  )
  const { json, etag } = await amazon.want(200, 'GET', `${edit}/apks/${apk.id}/targeting`)
  assert.ok(etag)
  assert.deepEqual(Object.keys(json), ['amazonDevices', 'nonAmazonDevices', 'otherAndroidDevices'])
  assert.equal(json.otherAndroidDevices, 'NOT_TARGETING')
  const all = [...json.amazonDevices, ...json.nonAmazonDevices]
  assert.equal(all.length, devices.length)
  for (const device of all) {
    assert.deepEqual(Object.keys(device), ['id', 'name', 'status', 'reason'])
    assert.match(device.id, /^amzn1\.appstore\.device\.[0-9A-Z]{13}$/)
    if (device.status === 'DISABLED') assert.ok(device.reason.details.length > 0)
    else assert.deepEqual(device.reason, {})
  }
  const statusOf = (name: string) => all.find((device: Json) => device.name === name).status
  assert.equal(statusOf('Fire TV Stick 4K'), 'DISABLED')
  assert.equal(statusOf('Fire TV Cube (3rd Generation)'), 'DISABLED')
  assert.equal(statusOf('Fire 7 (2017)'), 'DISABLED')
  assert.equal(statusOf('Fire Max 11'), 'TARGETING')
})

function feature(name: string) {
  return { name: 'uses-feature', android: { name, required: true } }
}

test('PUT targeting switches devices on and off, under a tag of its own; a missing otherAndroidDevices stays [O22][7-27]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/${seededApk}/targeting`
  const apkTag = (await amazon.want(200, 'GET', `${edit}/${seededApk}`)).etag
  const before = await amazon.want(200, 'GET', path)
  assert.notEqual(before.etag, apkTag)
  const wish = { ...before.json, otherAndroidDevices: 'TARGETING' }
  wish.amazonDevices = wish.amazonDevices.map((each: Json) => ({ ...each, status: 'NOT_TARGETING' }))
  const written = await amazon.write(200, 'PUT', path, wish)
  assert.deepEqual(written.json, wish)
  assert.notEqual(written.etag, before.etag)
  assert.equal((await amazon.want(200, 'GET', `${edit}/${seededApk}`)).etag, apkTag)
  const { otherAndroidDevices: _dropped, ...rest } = before.json
  assert.deepEqual((await amazon.write(200, 'PUT', path, rest)).json, {
    ...before.json,
    otherAndroidDevices: 'TARGETING',
  })
  const cleared = await amazon.write(200, 'PUT', path, { otherAndroidDevices: null })
  assert.equal(cleared.json.otherAndroidDevices, null)
})

test('what the manifest excludes cannot be switched on, DISABLED rows are echoed without harm [7-27]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { json: apk } = await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7, { minSdk: 30 }))
  const path = `${edit}/apks/${apk.id}/targeting`
  const { json } = await amazon.want(200, 'GET', path)
  assert.deepEqual((await amazon.write(200, 'PUT', path, json)).json, json)
  const disabled = json.amazonDevices.find((device: Json) => device.status === 'DISABLED')
  const on = { amazonDevices: [{ ...disabled, status: 'TARGETING' }] }
  const refused = await amazon.write(400, 'PUT', path, on)
  assert.deepEqual(codesOf(refused), ['invalid_input'])
  assert.deepEqual((await amazon.want(200, 'GET', path)).json, json)
})

test('targeting that names no device, no status or no list is 400 and changes nothing', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/${seededApk}/targeting`
  const before = await amazon.want(200, 'GET', path)
  const { id } = before.json.amazonDevices[0]
  const bodies: [object, string][] = [
    [{ amazonDevices: 'all' }, 'invalid_input'],
    [{ amazonDevices: [{ id: 'nothing', status: 'TARGETING' }] }, 'invalid_input'],
    [{ amazonDevices: [{ id, status: 'ON' }] }, 'invalid_input'],
    [{ amazonDevices: [{ id }] }, 'required_data_absent'],
    [{ nonAmazonDevices: [null] }, 'required_data_absent'],
    [{ otherAndroidDevices: true }, 'invalid_input'],
  ]
  for (const [body, code] of bodies) {
    assert.deepEqual(codesOf(await amazon.write(400, 'PUT', path, body)), [code], JSON.stringify(body))
  }
  const after = await amazon.want(200, 'GET', path)
  assert.deepEqual([after.text, after.etag], [before.text, before.etag])
})

test('a device has one APK: a newer upload takes compatible devices over, and PUT gives none twice', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { json: apk } = await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7, { minSdk: 30 }))
  const old = (await amazon.want(200, 'GET', `${edit}/${seededApk}/targeting`)).json
  const anew = (await amazon.want(200, 'GET', `${edit}/apks/${apk.id}/targeting`)).json
  for (const [index, device] of anew.amazonDevices.entries()) {
    const other = old.amazonDevices[index]
    assert.equal(other.status, device.status === 'TARGETING' ? 'NOT_TARGETING' : 'TARGETING')
    if (other.status === 'NOT_TARGETING') {
      assert.equal(other.reason.reason, 'Targeted by another binary in the current version')
    }
  }
  const taken = old.amazonDevices.find((device: Json) => device.status === 'NOT_TARGETING')
  const wish = { amazonDevices: [{ ...taken, status: 'TARGETING' }] }
  await amazon.write(400, 'PUT', `${edit}/${seededApk}/targeting`, wish)
})

test('uploads that target nothing, where that is set, and those for newer systems refuse the commit', async () => {
  await using server = await startAmazon({ amazonTargeting: 'nothing' })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.writeNotes(edit)
  await amazon.write(204, 'DELETE', `${edit}/${seededApk}`)
  const { json: apk } = await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7))
  assert.deepEqual(codesOf(await amazon.commit(edit, 403)), ['error_apk_must_target_atleast1_device'])
  const path = `${edit}/apks/${apk.id}/targeting`
  await amazon.write(200, 'PUT', path, {
    amazonDevices: [{ id: devices[2]?.id, status: 'TARGETING' }],
  })
  await amazon.want(200, 'POST', `${edit}/validate`)
  const newer = apkOf(8, { targetSdk: newestSdk + 1 })
  await amazon.write(200, 'PUT', `${edit}/apks/${apk.id}/replace`, newer, `${edit}/apks/${apk.id}`)
  assert.deepEqual(codesOf(await amazon.commit(edit, 403)), ['error_apk_must_target_atleast1_device'])
})

test('a version code that was uploaded before is error_apk_version_code_conflict [7-56]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  await publishApk(amazon, apkOf(7))
  const edit = await amazon.open()
  const code = ['error_apk_version_code_conflict']
  const first = `${edit}/${seededApk}`
  const before = await snapshot(amazon, edit)
  const upload = await amazon.want(400, 'POST', `${edit}/apks/upload`, apkOf(7))
  assert.deepEqual(codesOf(upload), code)
  assert.match(upload.text, /error_apk_version_code_conflict/)
  // The live one's code is taken for good, also in its own place.
  assert.deepEqual(codesOf(await amazon.write(400, 'PUT', `${first}/replace`, apkOf(7), first)), code)
  assert.deepEqual(await snapshot(amazon, edit), before)
  await amazon.write(200, 'PUT', `${first}/replace`, apkOf(8), first)
  // A draft's own code may come again in the same place, and in no other.
  await amazon.write(200, 'PUT', `${first}/replace`, apkOf(8), first)
  assert.deepEqual(codesOf(await amazon.want(400, 'POST', `${edit}/apks/upload`, apkOf(8))), code)
})

test('APKs that the store would not take are 400, and the edit is unchanged', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  await publishApk(amazon, apkOf(7))
  const edit = await amazon.open()
  const first = `${edit}/${seededApk}`
  const before = await snapshot(amazon, edit)
  const unsigned = apkOf(8, {}, { v1: [], v2: [] })
  const truncated = apkOf(8).subarray(0, 1000)
  const refused: [string, Uint8Array, RegExp][] = [
    ['no bytes', new Uint8Array(0), /empty/],
    ['no archive', Buffer.from('no archive at all'), /zip-|apk-/],
    ['no APK', noApk, /apk-manifest-missing/],
    ['half an APK', truncated, /zip-|apk-/],
    ['no signature', unsigned, /apk-signature/],
    ['another app', apkOf(8, { package: 'com.example.other' }), /com\.example\.other/],
    ['a split', apkOf(8, { plain: { split: 'config.de' } }), /split/],
  ]
  for (const [what, bytes, message] of refused) {
    const uploaded = await amazon.want(400, 'POST', `${edit}/apks/upload`, bytes)
    assert.match(uploaded.json.errors[0].errorMessage, message, what)
    const replaced = await amazon.write(400, 'PUT', `${first}/replace`, bytes, first)
    assert.deepEqual(codesOf(replaced)[0], 'invalid_input', what)
  }
  assert.deepEqual(await snapshot(amazon, edit), before)
})

test('with an identity that is reserved, the first package already has to have it', async () => {
  await using server = await startAmazon()
  const { id } = await server.engine.createProduct(operator, {
    store: 'amazon',
    kind: 'app',
    name: 'Reserved',
    identity: 'com.example.reserved',
    published: {},
  })
  const amazon = await amazonClient(server, { app: 'com.example.reserved' })
  const edit = await amazon.open()
  await amazon.want(400, 'POST', `${edit}/apks/upload`, apkOf())
  await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7, { package: 'com.example.reserved' }))
  assert.deepEqual(await rows(server, id), ['LIVE live', 'IN_PROGRESS draft'])
})

test('two APKs of one edit have one package name, whatever the app is called', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.want(200, 'POST', `${edit}/apks/upload`, apkOf(7))
  await amazon.want(400, 'POST', `${edit}/apks/upload`, apkOf(8, { package: 'com.example.other' }))
})

const updates: [string, Parameters<typeof apkOf>, { readonly [name: string]: string }, number, RegExp][] = [
  ['a lower version code', [6], {}, 403, /6 after 7/],
  ['another certificate', [8, {}, { key: 'stranger' }], {}, 200, /another certificate/],
  [
    'another certificate, where that is an error',
    [8, {}, { key: 'stranger' }],
    { amazonCertificate: 'error' },
    403,
    /another certificate/,
  ],
  [
    'another certificate, where nobody looks',
    [8, {}, { key: 'stranger' }],
    { amazonCertificate: 'off' },
    200,
    /^$/,
  ],
  ['a debuggable build', [8, { application: { debuggable: true } }], {}, 200, /debugged/],
  ['a test-only build', [8, { application: { testOnly: true } }], {}, 403, /tests only/],
]

for (const [what, build, flags, status, message] of updates) {
  test(`an update with ${what} is ${status} at validate, with a finding as the store would have it`, async () => {
    await using server = await startAmazon(flags)
    const amazon = await amazonClient(server)
    await publishApk(amazon, apkOf(7))
    const edit = await amazon.open()
    const path = `${edit}/${seededApk}`
    await amazon.write(200, 'PUT', `${path}/replace`, apkOf(...build), path)
    await amazon.writeNotes(edit)
    const { json } = await amazon.want(status, 'POST', `${edit}/validate`)
    const id = edit.slice('/edits/'.length)
    const { findings } = await server.engine.validateSubmission(operator, { id })
    const said = findings.map((finding) => finding.message).join(' ')
    assert.match(said, message)
    if (status === 403) assert.match(json.errors[0].errorMessage, message)
  })
}

test('what is published is what was uploaded, and the next edit carries it along', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  await publishApk(amazon, apkOf(7))
  const edit = await amazon.open()
  const { json } = await amazon.want(200, 'GET', `${edit}/apks`)
  assert.deepEqual(json, [{ versionCode: 7, id: seededApp.apkId, name: 'APK1' }])
  await amazon.writeNotes(edit)
  await amazon.commit(edit)
  await goLive(server)
  const views = await server.engine.listSubmissions(operator, {
    productId: seededApp.appId,
    after: null,
    limit: 9,
  })
  assert.deepEqual(
    views.map(({ summary, packages }) => [summary.version, packages.length]),
    [
      ['0', 0],
      ['1.7', 1],
      ['1.7', 1],
    ],
  )
})

test('an inspection without a verdict is 500 with {}, a large file’s is said by attach, and neither changes anything', async () => {
  await using inspector = hurriedInspector()
  await using server = await startServer({ amazonLargeMs: '0' }, { inspector })
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const before = await snapshot(amazon, edit)
  const failed = await amazon.want(500, 'POST', `${edit}/apks/upload`, apkOf(7))
  assert.equal(failed.text, '{}')
  const { text } = await amazon.want(200, 'POST', `${edit}/apks/large/upload`, apkOf(7))
  const codes = new Set<string>()
  for (let minute = 0; minute < 20; minute++) {
    const [code = ''] = codesOf(await amazon.want(400, 'POST', `${edit}/apks/attach`, text))
    codes.add(code)
    await server.elapse(60_000)
  }
  assert.deepEqual([...codes], ['asset_not_ready', 'error_invalid_asset_id'])
  assert.deepEqual(await snapshot(amazon, edit), before)
})
