import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  devCenter,
  goThrough,
  type Json,
  type MicrosoftClient,
  microsoftClient,
  pathOf,
  png,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../../test/helpers/msix-builder.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'

/**
 * The request sequences of real clients, from microsoft-store.md section 6: their bodies and headers in their
 * order, and of each reply what the client goes on with.
 */

const { appId, flightId, addOnId, tenantId, clientId, secret } = seededStore

interface Api {
  readonly server: TestServer
  /** @returns status, headers and text: clients differ in how they read them */
  send(method: string, path: string, headers?: Headers, body?: string | Uint8Array): Promise<Reply>
}
type Headers = { readonly [name: string]: string }
interface Reply {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  readonly text: string
  readonly json: Json
}

async function withApi(work: (api: Api) => Promise<void>): Promise<void> {
  await using server = await startMicrosoft()
  await work({
    server,
    async send(method, path, headers = {}, body) {
      const answer = await server.http.inject({
        method: method as 'GET',
        url: pathOf(path),
        headers,
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : Buffer.from(body) }),
      })
      const json = /^[{[]/.test(answer.body) ? JSON.parse(answer.body) : undefined
      return { status: answer.statusCode, headers: answer.headers, text: answer.body, json }
    },
  })
}

/** The token as a client of the v1 endpoint gets it: numbers are texts there. */
async function token(api: Api, resource: string, encoded = true): Promise<Headers> {
  const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, resource }
  const body = encoded
    ? new URLSearchParams(fields).toString()
    : Object.entries(fields)
        .map(([name, value]) => `${name}=${value}`)
        .join('&')
  const type = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const { json } = await api.send('POST', `/${tenantId}/oauth2/token`, type, body)
  assert.match(json.expires_on, /^\d+$/)
  assert.equal(json.token_type, 'Bearer')
  return { authorization: `Bearer ${json.access_token}` }
}

const root = '/v1.0/my/'
const nullBody = 'null'
const json = { 'content-type': 'application/json' }

test('Azure DevOps publish task: by name over pages, force-delete, null bodies, old packages PendingDelete, poll to Published', () =>
  withApi(async (api) => {
    const auth = {
      ...(await token(api, 'http://localhost:80')),
      CorrelationId: 'c0ffee00-0000-4000-8000-000000000000',
    }
    let page = 'applications'
    let found: Json
    for (;;) {
      const { json: body } = await api.send('GET', root + page, auth)
      found ??= body.value.find(({ primaryName }: Json) => primaryName === 'Sandbox app')
      if (body['@nextLink'] === undefined) break
      page = body['@nextLink']
    }
    const left = await api.send(
      'POST',
      `${root}applications/${found.id}/submissions`,
      { ...auth, ...json },
      nullBody,
    )
    assert.equal(left.status, 201)
    const { json: app } = await api.send('GET', `${root}applications/${found.id}`, auth)
    // force
    const deleted = await api.send('DELETE', root + app.pendingApplicationSubmission.resourceLocation, auth)
    assert.equal(deleted.status, 204)
    const created = await api.send(
      'POST',
      `${root}applications/${app.id}/submissions`,
      { ...auth, ...json },
      nullBody,
    )
    const submission = created.json
    for (const entry of submission.applicationPackages) {
      assert.ok(entry.targetPlatform && entry.version && entry.architecture)
      entry.fileStatus = 'PendingDelete'
    }
    submission.applicationPackages.push({ fileName: '0_app.msix', fileStatus: 'PendingUpload' })
    submission.packageDeliveryOptions.isMandatoryUpdate = true
    submission.packageDeliveryOptions.mandatoryUpdateEffectiveDate = '1970-01-01T00:00:00.000Z'
    const one = `${root}applications/${app.id}/submissions/${submission.id}`
    const put = await api.send('PUT', one, { ...auth, ...json }, JSON.stringify(submission))
    assert.equal(put.status, 200)
    const blob = {
      'x-ms-blob-type': 'BlockBlob',
      'content-type': 'application/octet-stream',
      'x-ms-version': '2025-07-05',
    }
    const zip = buildZip([{ name: '0_app.msix', content: buildMsix(), descriptor: 'signed' }])
    const url = submission.fileUploadUrl.replaceAll('+', '%2B')
    assert.equal((await api.send('PUT', url, blob, zip)).status, 201)
    const commit = await api.send('POST', `${one}/commit`, { ...auth, ...json }, nullBody)
    assert.deepEqual(commit.json, { status: 'CommitStarted' })
    for (let poll = 0; ; poll++) {
      const { json: body } = await api.send('GET', `${one}/status`, auth)
      assert.ok(!body.status.endsWith('Failed'), body.statusDetails.errors[0]?.details)
      if (body.status === 'Published') break
      assert.ok(poll < 10)
      await api.server.elapse(1000)
    }
  }))

test('Azure DevOps flight task: two pages of flights by friendly name, the pending one deleted by its relative path', () =>
  withApi(async (api) => {
    const auth = await token(api, 'http://localhost:80')
    for (let number = 0; number < 11; number++) {
      const body = JSON.stringify({ friendlyName: `flight ${number}`, groupIds: [], rankHigherThan: null })
      await api.send('POST', `${root}applications/${appId}/flights`, { ...auth, ...json }, body)
    }
    let flight: Json
    let pages = 0
    for (let page: string | undefined = `applications/${appId}/listflights`; page !== undefined; pages++) {
      const { json: body }: Reply = await api.send('GET', root + page, auth)
      flight ??= body.value.find(({ friendlyName }: Json) => friendlyName === 'flight 10')
      page = body['@nextLink']
    }
    assert.equal(pages, 2)
    const base = `${root}applications/${appId}/`
    assert.equal(
      (await api.send('DELETE', base + flight.pendingFlightSubmission.resourceLocation, auth)).status,
      204,
    )
    const own = `${base}flights/${flight.flightId}/submissions`
    const { json: submission } = await api.send('POST', own, { ...auth, ...json }, nullBody)
    submission.flightPackages.push({ fileName: '0_app.msix', fileStatus: 'PendingUpload' })
    submission.packageDeliveryOptions.packageRollout.isPackageRollout = false
    await api.send('PUT', `${own}/${submission.id}`, { ...auth, ...json }, JSON.stringify(submission))
    const blob = { 'x-ms-blob-type': 'BlockBlob' }
    await api.send('PUT', submission.fileUploadUrl, blob, buildZip({ '0_app.msix': buildMsix() }))
    assert.equal(
      (await api.send('POST', `${own}/${submission.id}/commit`, { ...auth, ...json }, nullBody)).status,
      202,
    )
    await goThrough(api.server)
    assert.equal((await api.send('GET', `${own}/${submission.id}/status`, auth)).json.status, 'Published')
  }))

test('windows-store-action: a bodyless POST without a type but with its length, an empty ZIP not uploaded, a pending draft is its end', () =>
  withApi(async (api) => {
    const auth = await token(api, devCenter)
    const bodyless = { ...auth, 'content-length': '0' }
    const { json: draft } = await api.send('POST', `${root}applications/${appId}/submissions`, bodyless)
    const second = await api.send('POST', `${root}applications/${appId}/submissions`, bodyless)
    assert.equal(second.status, 409)
    const one = `${root}applications/${appId}/submissions/${draft.id}`
    await api.send('PUT', one, { ...auth, ...json }, JSON.stringify(draft))
    assert.equal((await api.send('POST', `${one}/commit`, bodyless)).status, 202)
    await goThrough(api.server)
    assert.equal((await api.send('GET', `${one}/status`, auth)).json.status, 'Published')
  }))

test('Mozilla pushmsixscript: no pending key, create and update by the reply’s charset, all packages replaced, If-None-Match upload', () =>
  withApi(async (api) => {
    const auth = { ...(await token(api, devCenter, false)), ...json }
    const { json: app } = await api.send('GET', `${root}applications/${appId}`, auth)
    assert.ok(!('pendingApplicationSubmission' in app))
    const created = await api.send('POST', `${root}applications/${appId}/submissions`, {
      ...auth,
      'content-length': '0',
    })
    assert.equal(created.status, 201)
    assert.equal(/charset=([\w-]+)/.exec(String(created.headers['content-type']))?.[1], 'utf-8')
    const submission = created.json
    const [first] = submission.applicationPackages
    for (const entry of submission.applicationPackages) entry.fileStatus = 'PendingDelete'
    submission.applicationPackages.push({
      fileName: 'target.store.260101.1.msix',
      fileStatus: 'PendingUpload',
      minimumDirectXVersion: first.minimumDirectXVersion,
      minimumSystemRam: first.minimumSystemRam,
    })
    submission.targetPublishMode = 'Manual'
    submission.packageDeliveryOptions.packageRollout.isPackageRollout = true
    submission.packageDeliveryOptions.packageRollout.packageRolloutPercentage = 25
    const one = `${root}applications/${appId}/submissions/${submission.id}`
    const put = await api.send('PUT', one, auth, Buffer.from(JSON.stringify(submission), 'utf8'))
    assert.equal(put.status, 200)
    const upload = { 'x-ms-blob-type': 'BlockBlob', 'if-none-match': '*', 'x-ms-version': '2021-12-02' }
    const zip = buildZip([{ name: 'target.store.260101.1.msix', content: buildMsix(), method: 'stored' }])
    assert.equal((await api.send('PUT', submission.fileUploadUrl, upload, zip)).status, 201)
    assert.equal((await api.send('POST', `${one}/commit`, { ...auth, 'content-length': '0' })).status, 202)
    await goThrough(api.server)
    const { json: status } = await api.send('GET', `${one}/status`, auth)
    assert.equal(status.status, 'Release')
    assert.ok(!status.status.includes('Failed'))
  }))

test('KDE release script: packages and images of the published submission sent into the new draft', () =>
  withApi(async (api) => {
    const auth = await token(api, devCenter)
    const { json: app } = await api.send('GET', `${root}applications/${appId}`, auth)
    const { json: published } = await api.send(
      'GET',
      root + app.lastPublishedApplicationSubmission.resourceLocation,
      auth,
    )
    const { json: draft } = await api.send('POST', `${root}applications/${appId}/submissions`, auth)
    draft.applicationPackages = published.applicationPackages.map((entry: Json) => ({
      ...entry,
      fileStatus: 'PendingDelete',
    }))
    draft.applicationPackages.push({ fileName: 'kde.appxupload', fileStatus: 'PendingUpload' })
    draft.listings['en-us'].baseListing.images = [
      ...published.listings['en-us'].baseListing.images,
      { fileName: 'new.png', fileStatus: 'PendingUpload', imageType: 'Screenshot', description: 'New' },
    ]
    const one = `${root}applications/${appId}/submissions/${draft.id}`
    const put = await api.send('PUT', one, { ...auth, ...json }, JSON.stringify(draft))
    assert.equal(put.status, 200, put.text)
    const [, container, blob] = new URL(draft.fileUploadUrl).pathname.split('/')
    assert.ok(container && blob)
    const zip = buildZip({
      'kde.appxupload': buildZip({ 'app.msix': buildMsix() }),
      'new.png': png(1920, 1080),
    })
    await api.send('PUT', draft.fileUploadUrl, { 'x-ms-blob-type': 'BlockBlob' }, zip)
    assert.equal((await api.send('POST', `${one}/commit`, auth)).status, 202)
    await goThrough(api.server)
    const end = (await api.send('GET', one, auth)).json
    assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
    assert.equal(end.listings['en-us'].baseListing.images.length, 2)
  }))

test('Microsoft’s Python sample: lengths of all replies, duplicate and unknown members, two thumbnails, images without status', () =>
  withApi(async (api) => {
    const auth = { ...(await token(api, devCenter, false)), ...json, 'user-agent': 'Python' }
    const call = async (method: string, path: string, body?: string) => {
      const reply = await api.send(method, path, auth, body)
      assert.ok(Number.isInteger(Number.parseInt(String(reply.headers['content-length']), 10)), path)
      return reply
    }
    const { json: app } = await call('GET', `${root}applications/${appId}`)
    assert.ok(!('pendingApplicationSubmission' in app))
    const { json: old } = await call('POST', `${root}applications/${appId}/submissions`)
    assert.equal((await call('DELETE', `${root}applications/${appId}/submissions/${old.id}`)).status, 204)
    const { json: draft } = await call('POST', `${root}applications/${appId}/submissions`)
    const thumbnail = (name: string) => ({ FileName: name, Description: name })
    const changes = {
      packages: [{ fileName: 'ignored.appx' }],
      applicationPackages: [
        ...draft.applicationPackages,
        {
          fileName: 'package.appx',
          fileStatus: 'PendingUpload',
          minimumDirectXVersion: 'None',
          minimumSystemRam: 'None',
        },
      ],
      listings: {
        'en-us': {
          baseListing: {
            description: 'Description',
            title: 'Sandbox app',
            images: [{ fileName: 'images/main.png', imageType: 'Screenshot', description: 'Main' }],
          },
        },
      },
      gamingOptions: [
        {
          Genres: ['Games_ActionAndAdventure'],
          IsLocalMultiplayer: true,
          LocalMultiplayerMinPlayers: 2,
          LocalMultiplayerMaxPlayers: 12,
          OnlineMultiplayerMinPlayers: 2,
        },
      ],
      trailers: [
        {
          VideoFileName: 'trailers/main.mp4',
          TrailerAssets: {
            'en-us': { Title: 'Main', ImageList: [thumbnail('trailers/1.png'), thumbnail('trailers/2.png')] },
          },
        },
      ],
    }
    const text = JSON.stringify({ ...draft, ...changes }).slice(0, -1)
    const body = `${text},"Pricing":{"trialPeriod":"NoFreeTrial","priceId":"NotAvailable"}}`
    const one = `${root}applications/${appId}/submissions/${draft.id}`
    const put = await call('PUT', one, body)
    assert.equal(put.status, 200, put.text)
    assert.equal(put.json.pricing.priceId, 'NotAvailable')
    const zip = buildZip({
      'package.appx': buildMsix(),
      'images/main.png': png(1366, 768),
      'trailers/main.mp4': 'video',
      'trailers/1.png': png(1920, 1080),
      'trailers/2.png': png(1920, 1080),
    })
    await api.send('PUT', draft.fileUploadUrl.replaceAll('+', '%2B'), { 'x-ms-blob-type': 'BlockBlob' }, zip)
    assert.equal((await call('POST', `${one}/commit`)).status, 202)
    await goThrough(api.server)
    const { json: end } = await call('GET', `${one}/status`)
    assert.equal(end.status, 'Published', JSON.stringify(end))
  }))

test('Microsoft’s Java sample: a flight with its submission of the create reply, objects or nothing in every reply, an add-on made and deleted', () =>
  withApi(async (api) => {
    const auth = { ...(await token(api, devCenter)), 'user-agent': 'Java' }
    const call = async (method: string, path: string, body?: string) => {
      const reply = await api.send(method, path, body === undefined ? auth : { ...auth, ...json }, body)
      // It parses whatever entity there is before it looks at the status.
      assert.ok(reply.status === 204 ? reply.text === '' : typeof reply.json === 'object', path)
      return reply
    }
    const wish = JSON.stringify({ friendlyName: 'myflight', groupIds: [0], rankHigherThan: null })
    const { json: flight } = await call('POST', `${root}applications/${appId}/flights`, wish)
    const own = `${root}applications/${appId}/flights/${flight.flightId}/submissions/${flight.pendingFlightSubmission.id}`
    const { json: draft } = await call('GET', own)
    draft.flightPackages.push({ fileName: 'package.appx', fileStatus: 'PendingUpload' })
    await call('PUT', own, JSON.stringify(draft))
    await api.send(
      'PUT',
      draft.fileUploadUrl,
      { 'x-ms-blob-type': 'BlockBlob' },
      buildZip({ 'package.appx': buildMsix() }),
    )
    await call('POST', `${own}/commit`)
    await goThrough(api.server)
    assert.equal((await call('GET', own)).json.status, 'Published')
    await call('DELETE', `${root}applications/${appId}/flights/${flight.flightId}`)
    const addOn = JSON.stringify({ applicationIds: [appId], productId: 'java', productType: 'Durable' })
    const { json: made } = await call('POST', `${root}inappproducts`, addOn)
    await call('GET', `${root}inappproducts/${made.id}`)
    assert.equal((await call('DELETE', `${root}inappproducts/${made.id}`)).status, 204)
    const missing = await call('DELETE', `${root}inappproducts/${made.id}`)
    assert.equal(missing.status, 404)
  }))

test('Microsoft’s C# sample uploads before it updates; the node sample sends a JSON type with everything', () =>
  withApi(async (api) => {
    const auth = { ...(await token(api, devCenter)), ...json }
    const { json: draft } = await api.send('POST', `${root}applications/${appId}/submissions`, auth)
    const blob = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' }
    await api.send('PUT', draft.fileUploadUrl, blob, buildZip({ 'package.appx': buildMsix() }))
    draft.applicationPackages.push({ fileName: 'package.appx', fileStatus: 'PendingUpload' })
    const one = `${root}applications/${appId}/submissions/${draft.id}`
    await api.send('PUT', one, auth, JSON.stringify(draft))
    assert.equal((await api.send('POST', `${one}/commit`, auth)).json.status, 'CommitStarted')
    await goThrough(api.server)
    assert.equal((await api.send('GET', `${one}/status`, auth)).json.status, 'Published')
  }))

test('StoreBroker: pages until an empty one, rollout finalized first, minimal create, upload to the reply of the update, /Commit, add-on', () =>
  withApi(async (api) => {
    const type = { 'content-type': 'application/json; charset=UTF-8' }
    const auth = { ...(await token(api, devCenter)), ...type }
    for (let skip = 0; ; skip += 100) {
      const { json: page } = await api.send('GET', `${root}applications?top=100&skip=${skip}`, auth)
      if (page.value.length === 0) break
      assert.ok(skip <= 100)
    }
    const lower = appId.toLowerCase()
    const rollOut = async (percentage: number, version: string) => {
      const { json: app } = await api.send('GET', `${root}applications/${lower}`, auth)
      const last = `${root}applications/${lower}/submissions/${app.lastPublishedApplicationSubmission.id}`
      const { json: rollout } = await api.send('GET', `${last}/packagerollout`, auth)
      if (rollout.packageRolloutStatus === 'PackageRolloutInProgress') {
        const finalized = await api.send('POST', `${last}/finalizepackagerollout`, auth)
        assert.equal(finalized.json.packageRolloutStatus, 'PackageRolloutComplete')
      }
      const minimal = await api.send(
        'POST',
        `${root}applications/${lower}/submissions?isMinimalResponse=true`,
        auth,
      )
      const one = `${root}applications/${lower}/submissions/${minimal.json.id}`
      const { json: draft } = await api.send('GET', one, auth)
      draft.applicationPackages.push({ fileName: `${version}.appx`, fileStatus: 'PendingUpload' })
      Object.assign(draft.packageDeliveryOptions.packageRollout, {
        isPackageRollout: true,
        packageRolloutPercentage: percentage,
      })
      const { json: stored } = await api.send('PUT', one, auth, JSON.stringify(draft))
      const zip = buildZip({ [`${version}.appx`]: buildMsix({ version }) })
      await api.send('PUT', stored.fileUploadUrl, { 'x-ms-blob-type': 'BlockBlob' }, zip)
      const back = await api.send('GET', stored.fileUploadUrl)
      assert.equal(back.status, 200)
      assert.equal((await api.send('POST', `${one}/Commit`, auth)).status, 202)
      await goThrough(api.server)
      const end = (await api.send('GET', one, auth)).json
      assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
    }
    await rollOut(10, '2.0.0.0')
    await rollOut(20, '3.0.0.0')
    const { json: draft } = await api.send('POST', `${root}inappproducts/${addOnId}/submissions`, auth)
    await api.send(
      'PUT',
      `${root}inappproducts/${addOnId}/submissions/${draft.id}`,
      auth,
      JSON.stringify(draft),
    )
    const commit = await api.send(
      'POST',
      `${root}inappproducts/${addOnId}/submissions/${draft.id}/Commit`,
      auth,
    )
    assert.equal(commit.status, 202)
  }))

test('msstore: v2 token, PascalCase with nulls and without what it does not model, status until errors or reports, rollout commands', () =>
  withApi(async (api) => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: `${devCenter}/.default`,
    })
    const { json: tokens } = await api.send(
      'POST',
      `/${tenantId}/oauth2/v2.0/token`,
      { 'content-type': 'application/x-www-form-urlencoded' },
      form.toString(),
    )
    assert.equal(typeof tokens.expires_in, 'number')
    const auth = {
      authorization: `Bearer ${tokens.access_token}`,
      'ms-correlationid': 'msstore-1',
      TenantId: tenantId,
    }
    const { json: apps } = await api.send('GET', `${root}applications?skip=0&top=100`, auth)
    assert.equal(apps.value[0].id, appId)
    await api.send('POST', `${root}applications/${appId}/submissions?isMinimalResponse=true`, auth)
    const { json: app } = await api.send('GET', `${root}applications/${appId}`, auth)
    const one = root + app.pendingApplicationSubmission.resourceLocation
    const { json: draft } = await api.send('GET', one, auth)
    // It parses the whole URL as a query and looks for `se`.
    const expires = new URLSearchParams(draft.fileUploadUrl).get('se')
    assert.ok(Date.parse(expires ?? '') > api.server.clock.now())
    assert.notEqual(draft.pricing.priceId, 'Base')
    const typed = modelled(draft)
    typed.ApplicationPackages[0].FileStatus = 'PendingDelete'
    typed.ApplicationPackages.push({
      FileName: 'app.msix',
      FileStatus: 'PendingUpload',
      Id: null,
      Version: null,
    })
    const put = await api.send('PUT', one, { ...auth, ...json }, JSON.stringify(typed))
    assert.equal(put.status, 200, put.text)
    const blob = {
      'x-ms-blob-type': 'BlockBlob',
      'content-type': 'application/zip',
      'ms-correlationid': 'msstore-1',
    }
    await api.send('PUT', draft.fileUploadUrl, blob, buildZip({ 'app.msix': buildMsix() }))
    const commit = await api.send('POST', `${one}/Commit`, auth)
    assert.equal(commit.json.status, 'CommitStarted')
    for (let poll = 0; poll < 10; poll++) {
      const { json: body } = await api.send('GET', `${one}/status`, auth)
      if (body.status !== 'CommitStarted') break
      assert.deepEqual([body.statusDetails.errors, body.statusDetails.certificationReports], [[], []])
      await api.server.elapse(500)
    }
    await goThrough(api.server)
    const { json: end } = await api.send('GET', `${one}/status`, auth)
    assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
    assert.equal((await api.send('POST', `${one}/haltpackagerollout`, auth)).status, 409)
    const flight = `${root}applications/${appId}/flights/${flightId}/submissions`
    const { json: flightDraft } = await api.send('POST', flight, auth)
    assert.equal((await api.send('POST', `${flight}/${flightDraft.id}/commit`, auth)).status, 202)
  }))

/** A submission as typed classes write it again: PascalCase, nulls, and nothing they do not know. */
function modelled(value: Json): Json {
  const dropped = new Set(['sortTitle', 'targetDeviceFamilies', 'targetPlatform', 'isSeekEnabled'])
  if (Array.isArray(value)) return value.map(modelled)
  if (typeof value !== 'object' || value === null) return value === '' ? null : value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !dropped.has(name))
      .map(([name, member]) => [
        /^[a-z]{2}-[a-z]{2}$/.test(name) ? name : name.charAt(0).toUpperCase() + name.slice(1),
        modelled(member),
      ]),
  )
}

test('curl and jq scripts: explicit lengths, one document patched and sent back', async () => {
  await using server = await startMicrosoft()
  const client: MicrosoftClient = await microsoftClient(server)
  const empty = { 'content-length': '0' }
  const path = `applications/${appId}/submissions`
  const draft = await client.want(201, 'POST', path, undefined, empty)
  draft.listings['en-us'].baseListing.releaseNotes = 'Tabs\tand "quotes", \u0001 and é'
  const stored = await client.want(200, 'PUT', `${path}/${draft.id}`, draft)
  assert.equal(stored.listings['en-us'].baseListing.releaseNotes, 'Tabs\tand "quotes", \u0001 and é')
  await client.want(202, 'POST', `${path}/${draft.id}/commit`, undefined, empty)
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${path}/${draft.id}/status`)).status, 'Published')
})
