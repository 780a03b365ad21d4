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
import { buildMsix } from '../../../test/helpers/msix-builder.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'

const { appId, packageId, imageId } = seededStore
const submissions = `applications/${appId}/submissions`

interface Draft extends AsyncDisposable {
  readonly server: TestServer
  readonly client: MicrosoftClient
  readonly draft: Json
  put(body: unknown): Promise<Json>
  refused(body: unknown): Promise<{ target: string | undefined; message: string }>
}

/** A server with a fresh draft of the seeded app. */
async function openDraft(): Promise<Draft> {
  const server = await startMicrosoft()
  const client = await microsoftClient(server)
  const draft = await client.want(201, 'POST', submissions)
  const path = `${submissions}/${draft.id}`
  return {
    server,
    client,
    draft,
    put: (body) => client.want(200, 'PUT', path, body as object),
    async refused(body) {
      const { code, target, message, ...rest } = await client.want(400, 'PUT', path, body as object)
      assert.equal(code, 'InvalidParameterValue')
      assert.deepEqual(rest, { data: [], details: [], source: 'Ingestion Api' })
      return { target, message }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

test('every existing package has to be listed by its id; what is missing is named, and nothing changes [7-16]', async () => {
  await using at = await openDraft()
  const { draft } = at
  for (const applicationPackages of [[], [{ fileName: 'new.msix', fileStatus: 'PendingUpload' }], null]) {
    assert.deepEqual(await at.refused({ ...draft, applicationPackages }), {
      target: 'packages',
      message: `Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: ${packageId}`,
    })
  }
  const { applicationPackages } = await at.client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.deepEqual(applicationPackages, draft.applicationPackages)
})

test('an entry that is waiting for its file may be left out again, and can not be marked as PendingDelete [7-16]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const [existing] = draft.applicationPackages
  const added = await at.put({
    ...draft,
    applicationPackages: [existing, { fileName: 'new.msix', fileStatus: 'PendingUpload' }],
  })
  assert.equal(added.applicationPackages.length, 2)
  const pending = { ...added.applicationPackages[1], fileStatus: 'PendingDelete' }
  assert.deepEqual(await at.refused({ ...added, applicationPackages: [existing, pending] }), {
    target: 'packages',
    message: 'Existing Package (new.msix) should contain Id',
  })
  const without = await at.put({ ...added, applicationPackages: [existing] })
  assert.equal(without.applicationPackages.length, 1)
})

test('PendingDelete removes a package when the commit succeeds, not before', async () => {
  await using at = await openDraft()
  const { client, server, draft } = at
  const [existing] = draft.applicationPackages
  const stored = await at.put({
    ...draft,
    applicationPackages: [
      { ...existing, fileStatus: 'PendingDelete' },
      { fileName: 'new.msix', fileStatus: 'PendingUpload' },
    ],
  })
  assert.deepEqual(
    stored.applicationPackages.map(({ fileStatus }: Json) => fileStatus),
    ['PendingDelete', 'PendingUpload'],
  )
  await client.uploadFiles(stored.fileUploadUrl, { 'new.msix': buildMsix() })
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  const published = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(published.status, 'Published')
  assert.deepEqual(
    published.applicationPackages.map(({ fileName }: Json) => fileName),
    ['new.msix'],
  )
})

test('an entry of a known file without its id is refused, for packages and for images [7-17]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const [existing] = draft.applicationPackages
  const { id: _, ...nameless } = existing
  assert.deepEqual(await at.refused({ ...draft, applicationPackages: [nameless] }), {
    target: 'packages',
    message: 'Existing Package (SandboxApp_0.0.1.0_x64.msix) should contain Id',
  })
  const listings = structuredClone(draft.listings)
  delete listings['en-us'].baseListing.images[0].id
  assert.deepEqual(await at.refused({ ...draft, listings }), {
    target: 'images',
    message: 'Existing Image (screenshot.png) should contain Id',
  })
})

test('an existing file does not become PendingUpload, and ids of nobody are refused [7-17]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const [existing] = draft.applicationPackages
  const again = { ...existing, fileStatus: 'PendingUpload' }
  assert.match((await at.refused({ ...draft, applicationPackages: [again] })).message, /should contain Id$/)
  const stranger = { ...existing, id: '1152921500000000000' }
  const both = await at.refused({ ...draft, applicationPackages: [existing, stranger] })
  assert.equal(both.message, 'Package 1152921500000000000 is not part of the submission')
  const twice = await at.refused({ ...draft, applicationPackages: [existing, existing] })
  assert.equal(twice.message, `Package ${packageId} is listed twice`)
  const listings = structuredClone(draft.listings)
  listings['en-us'].baseListing.images[0].id = '1152921500000000000'
  assert.equal((await at.refused({ ...draft, listings })).target, 'images')
})

test('what the service says of a package is not the client’s to change; the two Windows 8 members are [F8][7-19]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const [existing] = draft.applicationPackages
  const forged = {
    ...existing,
    fileName: 'forged.msix',
    version: '9.9.9.9',
    architecture: 'ARM',
    capabilities: ['everything'],
    minimumDirectXVersion: 'directx93',
    minimumSystemRam: 'Memory2GB',
  }
  const { applicationPackages } = await at.put({ ...draft, applicationPackages: [forged] })
  assert.deepEqual(applicationPackages, [
    { ...existing, minimumDirectXVersion: 'DirectX93', minimumSystemRam: 'Memory2GB' },
  ])
})

test('new entries need neither minimumDirectXVersion nor minimumSystemRam, and have both in replies [7-31]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const { applicationPackages } = await at.put({
    ...draft,
    applicationPackages: [
      ...draft.applicationPackages,
      { fileName: 'one.msix', fileStatus: 'PendingUpload' },
      {
        FileName: 'two.msix',
        FileStatus: 'PendingUpload',
        Id: null,
        MinimumDirectXVersion: null,
        MinimumSystemRam: null,
      },
    ],
  })
  for (const entry of applicationPackages.slice(1)) {
    assert.equal(entry.minimumDirectXVersion, 'None')
    assert.equal(entry.minimumSystemRam, 'None')
    for (const name of ['targetPlatform', 'version', 'architecture', 'id']) assert.equal(entry[name], '')
  }
})

test('packages keep the order in which the client lists them [7-33]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const files = ['b.msix', 'a.msix', 'c.msixbundle']
  const pending = files.map((fileName) => ({ fileName, fileStatus: 'PendingUpload' }))
  const list = [pending[0], draft.applicationPackages[0], pending[1], pending[2]]
  await at.put({ ...draft, applicationPackages: list })
  const { applicationPackages } = await at.client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.deepEqual(
    applicationPackages.map(({ fileName }: Json) => fileName),
    ['b.msix', 'SandboxApp_0.0.1.0_x64.msix', 'a.msix', 'c.msixbundle'],
  )
})

test('members that nobody knows and those of the service are ignored [7-19]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const stored = await at.put({
    ...draft,
    id: '1',
    status: 'Published',
    statusDetails: { errors: [{ code: 'x', details: 'y' }] },
    fileUploadUrl: 'http://example.com',
    friendlyName: 'Mine',
    packages: [{ a: 1 }],
    __proto__x: { polluted: true },
  })
  assert.deepEqual(
    { ...stored, fileUploadUrl: '', pricing: {} },
    { ...draft, fileUploadUrl: '', pricing: {} },
  )
})

test('names count in any case, the last of several that differ in case only, and nulls are what is not there [7-19]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const { pricing, ...rest } = draft
  const text = JSON.stringify(rest).slice(0, -1)
  const answer = await at.client.want(
    200,
    'PUT',
    `${submissions}/${draft.id}`,
    `${text},"pricing":{"priceId":"Tier2"},"Pricing":{"priceId":"Tier3","trialPeriod":"OneDay"}}`,
    { 'content-type': 'application/json' },
  )
  assert.equal(answer.pricing.priceId, 'Tier3')
  assert.equal(answer.pricing.trialPeriod, 'OneDay')
  assert.equal(pricing.priceId, 'Free')
  const pascal = (value: Json): Json =>
    Array.isArray(value)
      ? value.map(pascal)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value).map(([name, member]) => [
              /^[a-z]{2}-[a-z]{2}$/.test(name) ? name : name.charAt(0).toUpperCase() + name.slice(1),
              pascal(member),
            ]),
          )
        : value
  const typed = await at.put({
    ...pascal(answer),
    GamingOptions: null,
    Trailers: null,
    NotesForCertification: null,
    IsSeekEnabled: null,
  })
  assert.deepEqual({ ...typed, fileUploadUrl: '' }, { ...answer, fileUploadUrl: '' })
})

test('Base is never taken as a price, no price is free, no pricing is refused [F5][7-20]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const priced = (pricing: unknown) => ({ ...draft, pricing })
  assert.deepEqual(await at.refused(priced({ priceId: 'Base' })), {
    target: 'pricing',
    message: "'Base' is not a valid PriceId for base price.",
  })
  assert.equal((await at.refused(priced(undefined))).target, 'pricing')
  assert.equal((await at.refused(priced(null))).target, 'pricing')
  assert.equal((await at.refused(priced({ priceId: 'Cheap' }))).target, 'pricing')
  for (const priceId of ['', null, undefined]) {
    assert.equal((await at.put(priced({ priceId }))).pricing.priceId, 'Free')
  }
  for (const priceId of ['Free', 'NotAvailable', 'Tier2', 'Tier96', 'Tier1012', 'Tier1424']) {
    assert.equal((await at.put(priced({ priceId }))).pricing.priceId, priceId)
  }
})

test('isAdvancedPricingModel reads false after any update, sales are ignored, markets are kept [F5][7-20]', async () => {
  await using at = await openDraft()
  const { draft } = at
  assert.equal(draft.pricing.isAdvancedPricingModel, true)
  const { pricing } = await at.put({
    ...draft,
    pricing: {
      trialPeriod: 'thirtydays',
      marketSpecificPricings: { CN: 'NotAvailable', RU: 'Tier7', BR: 'Base' },
      sales: [{ name: 'Sale', basePriceId: 'Free' }],
      priceId: 'Tier5',
      isAdvancedPricingModel: true,
    },
  })
  assert.deepEqual(Object.entries(pricing), [
    ['trialPeriod', 'ThirtyDays'],
    ['marketSpecificPricings', { CN: 'NotAvailable', RU: 'Tier7', BR: 'Base' }],
    ['sales', []],
    ['priceId', 'Tier5'],
    ['isAdvancedPricingModel', false],
  ])
})

test('the four device families have to be there, and others survive the round trip [7-21]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const missing = {
    target: 'allowTargetFutureDeviceFamilies',
    message:
      'AllowTargetFutureDeviceFamilies needs to be initialized for all supported platform, [Desktop, Mobile, Xbox, Holographic]',
  }
  const four = { Desktop: true, Mobile: false, Xbox: true, Holographic: false }
  const { Xbox: _, ...three } = four
  for (const allowTargetFutureDeviceFamilies of [{}, null, undefined, true, [], three]) {
    assert.deepEqual(await at.refused({ ...draft, allowTargetFutureDeviceFamilies }), missing)
  }
  const live = { ...four, Team: true, 7: false }
  const stored = await at.put({ ...draft, allowTargetFutureDeviceFamilies: live })
  assert.deepEqual(stored.allowTargetFutureDeviceFamilies, live)
  const again = await at.put(stored)
  assert.deepEqual(again.allowTargetFutureDeviceFamilies, live)
})

test('a fresh clone may have no device families, and can be neither sent back nor committed so [7-21]', async () => {
  await using server = await startMicrosoft()
  await server.engine.createProduct(operator, {
    store: 'microsoft',
    kind: 'app',
    id: '9NBLGGH4R315',
    name: 'Old app',
    published: { pricing: { priceId: 'Free' }, listings: { 'en-us': { baseListing: {} } } },
  })
  const client = await microsoftClient(server)
  const path = 'applications/9NBLGGH4R315/submissions'
  const draft = await client.want(201, 'POST', path)
  assert.deepEqual(draft.allowTargetFutureDeviceFamilies, {})
  const refused = await client.want(400, 'PUT', `${path}/${draft.id}`, draft)
  assert.equal(refused.target, 'allowTargetFutureDeviceFamilies')
  await client.want(202, 'POST', `${path}/${draft.id}/commit`)
  await goThrough(server)
  const failed = await client.want(200, 'GET', `${path}/${draft.id}`)
  assert.equal(failed.status, 'CommitFailed')
  assert.deepEqual(
    failed.statusDetails.errors.map(({ code }: Json) => code),
    ['InvalidParameterValue', 'PackageValidationFailed'],
  )
})

test('a language goes by leaving it out and comes by writing it, each with a warning [F12][7-22]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const { 'de-de': german, ...english } = draft.listings
  const stored = await at.put({ ...draft, listings: { ...english, 'FR-fr': german } })
  assert.deepEqual(Object.keys(stored.listings), ['en-us', 'FR-fr'])
  assert.deepEqual(stored.statusDetails.warnings.slice(1), [
    { code: 'ListingOptOutWarning', details: 'You have removed listing language(s): [de-de]' },
    { code: 'ListingOptInWarning', details: 'You have added listing language(s): [FR-fr]' },
  ])
  const same = await at.put({ ...draft, listings: { 'EN-US': english['en-us'], 'DE-de': german } })
  assert.deepEqual(Object.keys(same.listings), ['en-us', 'DE-de'])
  assert.equal(same.statusDetails.warnings.length, 1)
})

test('without any listing an update is refused', async () => {
  await using at = await openDraft()
  for (const listings of [{}, null, undefined]) {
    assert.deepEqual(await at.refused({ ...at.draft, listings }), {
      target: 'appListings',
      message: 'The size of AppListings must be 1 or more',
    })
  }
})

test('texts and lists of a listing have the lengths of the description pages [F6]', async () => {
  await using at = await openDraft()
  const listed = (baseListing: object) => ({
    ...at.draft,
    listings: { 'en-us': { baseListing: { ...at.draft.listings['en-us'].baseListing, ...baseListing } } },
  })
  const limits = {
    copyrightAndTrademarkInfo: 200,
    licenseTerms: 10_000,
    description: 10_000,
    releaseNotes: 1500,
    title: 200,
    shortDescription: 500,
    shortTitle: 50,
    sortTitle: 255,
    voiceTitle: 255,
    devStudio: 255,
  }
  for (const [name, most] of Object.entries(limits)) {
    const full = await at.put(listed({ [name]: 'x'.repeat(most) }))
    assert.equal(full.listings['en-us'].baseListing[name].length, most)
    const { target, message } = await at.refused(listed({ [name]: 'x'.repeat(most + 1) }))
    const pascal = name.charAt(0).toUpperCase() + name.slice(1)
    assert.deepEqual([target, message], [name, `The length of ${pascal} must be ${most} or less`])
  }
  const lists = {
    keywords: [7, 30],
    features: [20, 200],
    recommendedHardware: [11, 200],
    minimumHardware: [11, 200],
  } as const
  for (const [name, [most, length]] of Object.entries(lists)) {
    await at.put(listed({ [name]: Array(most).fill('x'.repeat(length)) }))
    assert.equal((await at.refused(listed({ [name]: Array(most + 1).fill('x') }))).target, name)
    assert.equal((await at.refused(listed({ [name]: ['x'.repeat(length + 1)] }))).target, name)
  }
  const single = await at.put(listed({ minimumHardware: 'a mouse' }))
  assert.deepEqual(single.listings['en-us'].baseListing.minimumHardware, ['a mouse'])
})

test('the three obsolete addresses are ignored, overrides hold only their members [F6]', async () => {
  await using at = await openDraft()
  const base = at.draft.listings['en-us'].baseListing
  const { listings } = await at.put({
    ...at.draft,
    listings: {
      'en-us': {
        baseListing: { ...base, privacyPolicy: 'https://a', supportContact: 'b', websiteUrl: 'c' },
        platformOverrides: {
          windows81: { description: 'Older', title: 'Old', keywords: ['not here'] },
        },
      },
    },
  })
  const { baseListing, platformOverrides } = listings['en-us']
  assert.deepEqual(
    [baseListing.privacyPolicy, baseListing.supportContact, baseListing.websiteUrl],
    ['', '', ''],
  )
  assert.deepEqual(platformOverrides, { Windows81: { description: 'Older', title: 'Old' } })
  const unknown = { 'en-us': { baseListing: base, platformOverrides: { Windows95: {} } } }
  assert.equal((await at.refused({ ...at.draft, listings: unknown })).target, 'listings')
  assert.equal((await at.refused({ ...at.draft, listings: { 'no language': {} } })).target, 'listings')
})

test('images are kept by id, removed by PendingDelete, and described; without a status a new one is to come [F7]', async () => {
  await using at = await openDraft()
  const { client, server, draft } = at
  const listings = structuredClone(draft.listings)
  const images = listings['en-us'].baseListing.images
  images[0].fileStatus = 'PendingDelete'
  images.push({ fileName: 'a.png', imageType: 'screenshot', description: 'One' })
  images.push({ fileName: 'b\\icon.png', fileStatus: 'PendingUpload', imageType: 'Icon', description: '' })
  const stored = await at.put({ ...draft, listings })
  assert.deepEqual(stored.listings['en-us'].baseListing.images, [
    { fileName: 'screenshot.png', fileStatus: 'PendingDelete', id: imageId, imageType: 'Screenshot' },
    { fileName: 'a.png', fileStatus: 'PendingUpload', id: '', description: 'One', imageType: 'Screenshot' },
    { fileName: 'b\\icon.png', fileStatus: 'PendingUpload', id: '', imageType: 'Icon' },
  ])
  await client.uploadFiles(stored.fileUploadUrl, { 'a.png': png(1366, 768), 'b/icon.png': png(300, 300) })
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  const published = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(published.status, 'Published', JSON.stringify(published.statusDetails))
  const taken = published.listings['en-us'].baseListing.images
  assert.deepEqual(
    taken.map(({ fileName, fileStatus }: Json) => [fileName, fileStatus]),
    [
      ['a.png', 'Uploaded'],
      ['b\\icon.png', 'Uploaded'],
    ],
  )
  for (const { id } of taken) assert.match(id, /^\d{19}$/)
})

test('only the documented words are taken for categories, modes, visibilities and the like [F15]', async () => {
  await using at = await openDraft()
  for (const [name, value] of [
    ['applicationCategory', 'Games_RolePlayingGame'],
    ['visibility', 'Secret'],
    ['targetPublishMode', 'Later'],
    ['enterpriseLicensing', 'Sometimes'],
    ['hardwarePreferences', ['Joystick']],
    ['targetPublishDate', 'tomorrow'],
    ['automaticBackupEnabled', 'perhaps'],
    ['notesForCertification', { a: 1 }],
    ['gamingOptions', [{}, {}]],
    ['listings', []],
  ] as const) {
    const { target } = await at.refused({ ...at.draft, [name]: value })
    assert.equal(target, name === 'listings' ? 'listings' : name)
  }
  for (const category of [
    'notset',
    'BooksAndReference_EReader',
    'Games_Roleplaying',
    'Security_PCProtection',
  ]) {
    const stored = await at.put({ ...at.draft, applicationCategory: category })
    assert.equal(stored.applicationCategory.toLowerCase(), category.toLowerCase())
  }
})

test('dates come with any fraction and offset, and the epoch of a task is no surprise [F9][7-35][7-36]', async () => {
  await using at = await openDraft()
  const dated = async (date: string | null) => {
    const { packageDeliveryOptions, targetPublishDate } = await at.put({
      ...at.draft,
      targetPublishDate: date,
      packageDeliveryOptions: { isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: date },
    })
    assert.equal(packageDeliveryOptions.isMandatoryUpdate, true)
    assert.equal(packageDeliveryOptions.mandatoryUpdateEffectiveDate, targetPublishDate)
    return targetPublishDate
  }
  const unset = '1601-01-01T00:00:00.0000000Z'
  for (const none of ['', null, '1601-01-01T00:00:00Z', unset, '1601-01-01T02:00:00.0000000+02:00']) {
    assert.equal(await dated(none), unset)
  }
  assert.equal(await dated('1970-01-01T00:00:00.000Z'), '1970-01-01T00:00:00.0000000Z')
  assert.equal(await dated('2030-05-06T07:08:09.1234567+01:30'), '2030-05-06T05:38:09.1234567Z')
  assert.equal(await dated('2030-05-06'), '2030-05-06T00:00:00.0000000Z')
})

test('of delivery options only the wish is read; a draft without them has the idle ones [F9][7-34]', async () => {
  await using at = await openDraft()
  const { draft } = at
  const stored = await at.put({
    ...draft,
    packageDeliveryOptions: {
      packageRollout: {
        isPackageRollout: true,
        packageRolloutPercentage: 12.5,
        packageRolloutStatus: 'PackageRolloutComplete',
        fallbackSubmissionId: '7',
      },
    },
  })
  assert.deepEqual(stored.packageDeliveryOptions.packageRollout, {
    isPackageRollout: true,
    packageRolloutPercentage: 12.5,
    packageRolloutStatus: 'PackageRolloutNotStarted',
    fallbackSubmissionId: '0',
  })
  const idle = await at.put({ ...draft, packageDeliveryOptions: null })
  assert.deepEqual(idle.packageDeliveryOptions, draft.packageDeliveryOptions)
  const tooMuch = { packageRollout: { packageRolloutPercentage: 100.1 } }
  const refused = await at.refused({ ...draft, packageDeliveryOptions: tooMuch })
  assert.equal(refused.target, 'packageRolloutPercentage')
})

test('gaming options keep odd genres and lose what the service does not know; null is none [F10][7-50]', async () => {
  await using at = await openDraft()
  const { gamingOptions } = await at.put({
    ...at.draft,
    gamingOptions: [
      {
        Genres: ['UtilitiesAndTools_FileManager'],
        IsLocalMultiplayer: true,
        LocalMultiplayerMinPlayers: 2,
        LocalMultiplayerMaxPlayers: 4,
        OnlineMultiplayerMinPlayers: 2,
        OtherPeripherals: 'none',
        KinectDataForExternal: 'Enabled',
      },
    ],
  })
  assert.deepEqual(Object.entries(gamingOptions[0]), [
    ['genres', ['UtilitiesAndTools_FileManager']],
    ['isLocalMultiplayer', true],
    ['isLocalCooperative', false],
    ['isOnlineMultiplayer', false],
    ['isOnlineCooperative', false],
    ['localMultiplayerMinPlayers', 2],
    ['localMultiplayerMaxPlayers', 4],
    ['isBroadcastingPrivilegeGranted', false],
    ['isCrossPlayEnabled', false],
    ['kinectDataForExternal', 'Enabled'],
  ])
  assert.deepEqual((await at.put({ ...at.draft, gamingOptions: null, trailers: null })).gamingOptions, [])
})

test('trailers are taken from the ZIP with their thumbnails, also by names with backslashes [F11][7-30]', async () => {
  await using at = await openDraft()
  const { client, server, draft } = at
  const stored = await at.put({
    ...draft,
    Trailers: [
      {
        VideoFileName: 'Trailers\\main.mp4',
        TrailerAssets: {
          'en-us': {
            Title: 'Main',
            ImageList: [
              { FileName: 'Trailers\\one.png', Description: 'One' },
              { FileName: 'Trailers\\two.png', Description: 'Two' },
            ],
          },
        },
      },
    ],
    trailers: undefined,
  })
  assert.equal(stored.trailers[0].videoFileId, '')
  await client.uploadFiles(stored.fileUploadUrl, {
    'Trailers/main.mp4': 'video',
    'Trailers/one.png': png(1920, 1080),
    'Trailers/two.png': png(1920, 1080),
  })
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  const { status, trailers, statusDetails } = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(status, 'Published', JSON.stringify(statusDetails))
  const [trailer] = trailers
  assert.deepEqual(Object.keys(trailer), ['id', 'videoFileName', 'videoFileId', 'trailerAssets'])
  assert.match(trailer.videoFileId, /^\d{19}$/)
  const { title, imageList } = trailer.trailerAssets['en-us']
  assert.equal(title, 'Main')
  assert.deepEqual(
    imageList.map(({ fileName, description }: Json) => [fileName, description]),
    [
      ['Trailers\\one.png', 'One'],
      ['Trailers\\two.png', 'Two'],
    ],
  )
  const next = await client.want(201, 'POST', submissions)
  assert.deepEqual(next.trailers, trailers)
})

test('the document’s own example of an update is taken as it is written', async () => {
  await using at = await openDraft()
  const { draft } = at
  const [existing] = draft.applicationPackages
  const stored = await at.put({
    ...documentedUpdate,
    applicationPackages: [existing, ...documentedUpdate.applicationPackages],
  })
  for (const [name, value] of Object.entries(documentedUpdate)) {
    if (['applicationPackages', 'listings', 'pricing', 'targetPublishDate'].includes(name)) continue
    assert.deepEqual(stored[name], value, name)
  }
  assert.equal(stored.pricing.priceId, 'Tier2')
  const base: { [name: string]: unknown } = documentedUpdate.listings['en-us'].baseListing
  for (const [name, value] of Object.entries(base)) {
    if (name !== 'images') assert.deepEqual(stored.listings['en-us'].baseListing[name], value, name)
  }
})

/** The request example of update-app-submission.txt; its image is one that the draft has. */
const documentedUpdate = {
  applicationCategory: 'BooksAndReference_EReader',
  pricing: { trialPeriod: 'FifteenDays', marketSpecificPricings: {}, sales: [], priceId: 'Tier2' },
  visibility: 'Public',
  targetPublishMode: 'Manual',
  targetPublishDate: '1601-01-01T00:00:00Z',
  listings: {
    'en-us': {
      baseListing: {
        copyrightAndTrademarkInfo: '',
        keywords: ['epub'],
        licenseTerms: '',
        privacyPolicy: '',
        supportContact: '',
        websiteUrl: '',
        description: 'Description',
        features: ['Free ebook reader'],
        releaseNotes: '',
        images: [{ fileName: 'contoso.png', fileStatus: 'Uploaded', id: imageId, imageType: 'Screenshot' }],
        recommendedHardware: [],
        title: 'Contoso ebook reader',
      },
      platformOverrides: { Windows81: { description: 'Ebook reader for Windows 8.1' } },
    },
  },
  hardwarePreferences: ['Touch'],
  automaticBackupEnabled: false,
  canInstallOnRemovableMedia: true,
  isGameDvrEnabled: false,
  gamingOptions: [],
  hasExternalInAppProducts: false,
  meetAccessibilityGuidelines: true,
  notesForCertification: '',
  applicationPackages: [
    {
      fileName: 'contoso_app.appx',
      fileStatus: 'PendingUpload',
      minimumDirectXVersion: 'None',
      minimumSystemRam: 'None',
    },
  ],
  packageDeliveryOptions: {
    packageRollout: {
      isPackageRollout: false,
      packageRolloutPercentage: 0.0,
      packageRolloutStatus: 'PackageRolloutNotStarted',
      fallbackSubmissionId: '0',
    },
    isMandatoryUpdate: false,
    mandatoryUpdateEffectiveDate: '1601-01-01T00:00:00.0000000Z',
  },
  enterpriseLicensing: 'Online',
  allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies: true,
  allowTargetFutureDeviceFamilies: {
    Desktop: false,
    Mobile: true,
    Holographic: true,
    Xbox: false,
    Team: true,
  },
  trailers: [],
}
