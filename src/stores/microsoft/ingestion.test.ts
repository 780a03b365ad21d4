import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  goThrough,
  type Json,
  type MicrosoftClient,
  microsoftClient,
  png,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'
import { buildBundle, buildMsix, buildUpload, contoso } from '../../../test/helpers/msix-builder.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { buildZip, type ZipSpec } from '../../../test/helpers/zip-builder.ts'

const { appId, packageId } = seededStore
const submissions = `applications/${appId}/submissions`

interface Attempt {
  /** Packages to add, by file name; `PendingUpload`. */
  readonly packages?: readonly string[]
  readonly images?: readonly { fileName: string; imageType: string }[]
  /** What is uploaded; nothing when absent. */
  readonly zip?: Uint8Array
  readonly deleteOld?: boolean
}

/** Creates, updates, uploads and commits; @returns the submission at the end of its way. */
async function attempt(
  client: MicrosoftClient,
  { packages = [], images = [], zip, deleteOld }: Attempt,
): Promise<Json> {
  const draft = await client.want(201, 'POST', submissions)
  if (deleteOld) for (const entry of draft.applicationPackages) entry.fileStatus = 'PendingDelete'
  for (const fileName of packages) {
    draft.applicationPackages.push({ fileName, fileStatus: 'PendingUpload' })
  }
  for (const image of images) {
    draft.listings['en-us'].baseListing.images.push({ ...image, fileStatus: 'PendingUpload' })
  }
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  if (zip) assert.equal((await client.upload(draft.fileUploadUrl, zip)).status, 201)
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(client.server)
  return client.want(200, 'GET', `${submissions}/${draft.id}`)
}

async function on<T>(work: (client: MicrosoftClient, server: TestServer) => Promise<T>): Promise<T> {
  await using server = await startMicrosoft()
  return await work(await microsoftClient(server), server)
}

/** A commit that has to fail; @returns code and text of its errors. */
async function failed(client: MicrosoftClient, wish: Attempt): Promise<[string, string][]> {
  const end = await attempt(client, wish)
  assert.equal(end.status, 'CommitFailed')
  assert.ok(end.statusDetails.errors.length > 0)
  for (const entry of end.applicationPackages.slice(1)) {
    assert.deepEqual([entry.fileStatus, entry.version, entry.id], ['PendingUpload', '', ''])
  }
  await client.ask('DELETE', `${submissions}/${end.id}`)
  return end.statusDetails.errors.map(({ code, details }: Json) => {
    assert.equal(typeof details, 'string')
    return [code, details]
  })
}

test('a committed package says what its manifest says', () =>
  on(async (client) => {
    const end = await attempt(client, {
      packages: ['app.msix'],
      zip: buildZip({ 'app.msix': buildMsix({ languages: ['en-US', 'de-DE'], architecture: 'arm64' }) }),
    })
    assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
    const { id, ...entry } = end.applicationPackages[1]
    assert.match(id, /^\d{19}$/)
    assert.deepEqual(entry, {
      fileName: 'app.msix',
      fileStatus: 'Uploaded',
      version: '1.2.3.0',
      architecture: 'ARM64',
      targetPlatform: 'Windows10',
      languages: ['en-US', 'de-DE'],
      capabilities: ['runFullTrust'],
      minimumDirectXVersion: 'None',
      minimumSystemRam: 'None',
      targetDeviceFamilies: ['Windows.Desktop min version 10.0.17763.0'],
    })
  }))

test('bundles and uploads are packages too', () =>
  on(async (client) => {
    const bundle = await attempt(client, {
      packages: ['app.msixbundle'],
      deleteOld: true,
      zip: buildZip({ 'app.msixbundle': buildBundle() }),
    })
    assert.equal(bundle.status, 'Published', JSON.stringify(bundle.statusDetails))
    const [entry] = bundle.applicationPackages
    assert.deepEqual([entry.version, entry.architecture], ['2024.101.0.0', 'Neutral'])
    assert.deepEqual(entry.languages, ['en-US', 'de-DE'])
    const upload = await attempt(client, {
      packages: ['app.msixupload'],
      deleteOld: true,
      zip: buildZip({
        'app.msixupload': buildUpload({ 'App.msixbundle': buildBundle({ version: '2024.102.0.0' }) }),
      }),
    })
    assert.equal(upload.status, 'Published', JSON.stringify(upload.statusDetails))
    assert.equal(upload.applicationPackages[0].version, '2024.102.0.0')
  }))

test('the archive is read by paths with either slash, with data descriptors, stored entries, ZIP64 and files too many [7-30]', () =>
  on(async (client) => {
    const msix = buildMsix()
    const shapes: { [name: string]: Partial<ZipSpec> } = {
      stored: { method: 'stored' },
      streamed: { descriptor: 'signed' },
      'stored and streamed': { method: 'stored', descriptor: 'unsigned' },
      zip64: { zip64: true, descriptor: 'wide' },
    }
    let build = 3
    for (const [name, shape] of Object.entries(shapes)) {
      const bytes = build++ === 3 ? msix : buildMsix({ version: `1.2.${build}.0` })
      const end = await attempt(client, {
        packages: ['bin\\x64\\app.msix'],
        deleteOld: true,
        zip: buildZip([
          { name: 'bin/x64/app.msix', content: bytes, ...shape },
          { name: 'bin/x64/unused.png', content: 'not looked at' },
        ]),
      })
      assert.equal(end.status, 'Published', `${name}: ${JSON.stringify(end.statusDetails)}`)
      assert.equal(end.applicationPackages[0].fileName, 'bin\\x64\\app.msix')
    }
  }))

test('a commit without an upload succeeds when nothing is waiting for a file, and fails as InvalidArchive when something is [7-29]', () =>
  on(async (client) => {
    assert.equal((await attempt(client, {})).status, 'Published')
    const errors = await failed(client, { packages: ['app.msix'] })
    assert.deepEqual(
      errors.map(([code]) => code),
      ['InvalidArchive'],
    )
  }))

test('an archive that is none is InvalidArchive', () =>
  on(async (client) => {
    const whole = buildZip({ 'app.msix': buildMsix() })
    for (const zip of [Buffer.from('no archive'), whole.subarray(0, whole.length - 30), new Uint8Array(0)]) {
      const errors = await failed(client, { packages: ['app.msix'], zip })
      assert.deepEqual(
        errors.map(([code]) => code),
        ['InvalidArchive'],
      )
    }
  }))

test('files that are not in the archive, or in another place there, are MissingFiles with their names [7-41]', () =>
  on(async (client) => {
    const errors = await failed(client, {
      packages: ['app.msix', 'second.msix'],
      images: [{ fileName: 'en-us/one.png', imageType: 'Screenshot' }],
      zip: buildZip({ 'bin/app.msix': buildMsix(), 'second.msix': buildMsix(), 'one.png': png(1366, 768) }),
    })
    assert.deepEqual(
      errors.map(([code]) => code),
      ['MissingFiles', 'MissingFiles'],
    )
    assert.match(errors[0]?.[1] ?? '', /app\.msix/)
    assert.match(errors[1]?.[1] ?? '', /en-us\/one\.png/)
  }))

test('a package that is none, or was tampered with, is PackageValidationFailed', () =>
  on(async (client) => {
    const tampered = buildMsix({
      entries: (entries) =>
        entries.map((entry) => (entry.name === 'App.exe' ? { name: 'App.exe', content: 'MZ other' } : entry)),
    })
    for (const bytes of [Buffer.from('no package'), tampered]) {
      const errors = await failed(client, { packages: ['app.msix'], zip: buildZip({ 'app.msix': bytes }) })
      assert.ok(errors.every(([code]) => code === 'PackageValidationFailed'))
      assert.match(errors[0]?.[1] ?? '', /msix|package|archive|App\.exe/i)
    }
    const other = buildZip({ 'app.zip': buildZip({ 'manifest.json': '{"manifest_version":3}' }) })
    const errors = await failed(client, { packages: ['app.zip'], zip: other })
    assert.ok(errors.every(([code]) => code === 'PackageValidationFailed'))
  }))

test('a package of another identity or publisher is PackageValidationFailed once the identity is known', () =>
  on(async (client) => {
    const zipOf = (options: Parameters<typeof buildMsix>[0]) => buildZip({ 'app.msix': buildMsix(options) })
    const packages = ['app.msix']
    const first = await attempt(client, { packages, deleteOld: true, zip: zipOf({}) })
    assert.equal(first.status, 'Published')
    for (const options of [
      { name: 'Contoso.Other', version: '2.0.0.0' },
      { publisher: 'CN=Somebody Else', version: '2.0.0.0' },
    ]) {
      const errors = await failed(client, { packages, deleteOld: true, zip: zipOf(options) })
      assert.deepEqual(
        errors.map(([code]) => code),
        ['PackageValidationFailed'],
      )
      assert.match(errors[0]?.[1] ?? '', /identity/)
    }
  }))

test('an app with a reserved identity takes no other from the first package on', async () => {
  await using server = await startMicrosoft()
  await server.engine.createProduct(operator, {
    store: 'microsoft',
    kind: 'app',
    id: '9NBLGGH4R315',
    name: 'Reserved',
    identity: `Contoso.Reserved ${contoso}`,
    published: {
      pricing: { priceId: 'Free' },
      listings: { 'en-us': { baseListing: { title: 'Reserved' } } },
      allowTargetFutureDeviceFamilies: { Desktop: true, Mobile: false, Xbox: false, Holographic: false },
    },
  })
  const client = await microsoftClient(server)
  for (const [name, status] of [
    ['Contoso.App', 'CommitFailed'],
    ['Contoso.Reserved', 'Published'],
  ] as const) {
    const path = 'applications/9NBLGGH4R315/submissions'
    const draft = await client.want(201, 'POST', path)
    draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
    await client.want(200, 'PUT', `${path}/${draft.id}`, draft)
    await client.uploadFiles(draft.fileUploadUrl, { 'app.msix': buildMsix({ name }) })
    await client.want(202, 'POST', `${path}/${draft.id}/commit`)
    await goThrough(server)
    const end = await client.want(200, 'GET', `${path}/${draft.id}`)
    assert.equal(end.status, status, JSON.stringify(end.statusDetails))
    if (status === 'CommitFailed') await client.ask('DELETE', `${path}/${draft.id}`)
  }
})

test('a version that is not higher than the published one is PackageValidationFailed, of another architecture it is not', () =>
  on(async (client) => {
    const zipOf = (version: string, architecture = 'x64') =>
      buildZip({ 'app.msix': buildMsix({ version, architecture }) })
    for (const version of ['0.0.1.0', '0.0.0.9']) {
      const errors = await failed(client, { packages: ['app.msix'], deleteOld: true, zip: zipOf(version) })
      assert.deepEqual(
        errors.map(([code]) => code),
        ['PackageValidationFailed'],
      )
      assert.match(errors[0]?.[1] ?? '', /must be higher than 0\.0\.1\.0/)
    }
    const arm = await attempt(client, { packages: ['app.msix'], zip: zipOf('0.0.0.9', 'arm64') })
    assert.equal(arm.status, 'Published', JSON.stringify(arm.statusDetails))
  }))

test('two packages of one version and architecture are refused, and so is none at all', () =>
  on(async (client) => {
    const bytes = buildMsix()
    const errors = await failed(client, {
      packages: ['a.msix', 'b.msix'],
      zip: buildZip({ 'a.msix': bytes, 'b.msix': bytes }),
    })
    assert.match(errors[0]?.[1] ?? '', /a\.msix and b\.msix have the same version/)
    const none = await attempt(client, { deleteOld: true })
    assert.equal(none.status, 'CommitFailed')
    assert.equal(none.statusDetails.errors[0].code, 'PackageValidationFailed')
    assert.deepEqual(
      none.applicationPackages.map(({ id }: Json) => id),
      [packageId],
    )
  }))

test('images have to be PNG and of their type’s size', () =>
  on(async (client) => {
    const sizes: { [type: string]: readonly [good: Uint8Array, bad: Uint8Array] } = {
      Screenshot: [png(768, 1366), png(1365, 768)],
      Icon: [png(300, 300), png(300, 301)],
      StoreLogoSquare: [png(1080, 1080), png(1000, 1000)],
      StoreLogo9x16: [png(720, 1080), png(1080, 720)],
      PromotionalArtwork2400X1200: [png(2400, 1200), png(1200, 2400)],
      XboxTitledHeroArt: [png(1920, 1080), png(1920, 1081)],
      MobileScreenshot: [png(480, 800), Buffer.from('GIF89a......')],
    }
    const images = Object.keys(sizes).map((imageType) => ({ fileName: `${imageType}.png`, imageType }))
    const filesOf = (which: 0 | 1) =>
      buildZip(Object.entries(sizes).map(([type, pair]) => ({ name: `${type}.png`, content: pair[which] })))
    const errors = await failed(client, { images, zip: filesOf(1) })
    assert.deepEqual(
      errors.map(([code]) => code),
      images.map(() => 'InvalidParameterValue'),
    )
    for (const [index, { fileName }] of images.entries()) {
      assert.ok(errors[index]?.[1].includes(fileName), fileName)
    }
    const end = await attempt(client, { images, zip: filesOf(0) })
    assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
  }))

test('a price that a dashboard set per market is returned as Base, and a commit without another one fails [7-20]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  await server.engine.createProduct(operator, {
    store: 'microsoft',
    kind: 'app',
    id: '9NBLGGH4R315',
    name: 'Priced',
    published: {
      pricing: { priceId: 'Base' },
      listings: { 'en-us': { baseListing: { title: 'Priced' } } },
      allowTargetFutureDeviceFamilies: { Desktop: true, Mobile: false, Xbox: false, Holographic: false },
      applicationPackages: [{ fileName: 'a.msix', id: '1152921505000000002', version: '1.0.0.0' }],
    },
  })
  const path = 'applications/9NBLGGH4R315/submissions'
  const draft = await client.want(201, 'POST', path)
  assert.equal(draft.pricing.priceId, 'Base')
  await client.want(202, 'POST', `${path}/${draft.id}/commit`)
  await goThrough(server)
  const { status, statusDetails } = await client.want(200, 'GET', `${path}/${draft.id}/status`)
  assert.equal(status, 'CommitFailed')
  assert.deepEqual(statusDetails.errors, [
    { code: 'InvalidParameterValue', details: "'Base' is not a valid PriceId for base price. (pricing)" },
  ])
})

test('the last upload before the commit counts, and it may come before the update that names its files [7-28]', () =>
  on(async (client, server) => {
    const draft = await client.want(201, 'POST', submissions)
    await client.uploadFiles(draft.fileUploadUrl, { 'app.msix': 'of an earlier try' })
    await client.uploadFiles(draft.fileUploadUrl, { 'app.msix': buildMsix() })
    draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
    await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
    await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
    // What is put after the commit changes nothing.
    await client.uploadFiles(draft.fileUploadUrl, { 'app.msix': 'too late' })
    await goThrough(server)
    assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}`)).status, 'Published')
  }))

test('warnings of packages are warnings of the submission, such as a language without a listing', () =>
  on(async (client) => {
    const end = await attempt(client, {
      packages: ['app.msix'],
      zip: buildZip({ 'app.msix': buildMsix({ languages: ['en-GB', 'ja-JP'] }) }),
    })
    assert.equal(end.status, 'Published')
    const warnings = end.statusDetails.warnings.map(({ code, details }: Json) => `${code}: ${details}`)
    assert.ok(
      warnings.some((text: string) => /^ListingOptOutWarning: .*\[ja-JP\]/.test(text)),
      warnings.join('\n'),
    )
  }))
