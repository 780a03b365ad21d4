import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { png } from '../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../test/helpers/msix-builder.ts'
import { runCommand } from '../../test/helpers/run-command.ts'
import { buildZip } from '../../test/helpers/zip-builder.ts'
import { createProgram } from './program.ts'

/** A submission as a GET answers it, with a package and a screenshot to be uploaded. */
const submission = {
  id: '1152921505697405423',
  applicationCategory: 'Games',
  pricing: { trialPeriod: 'NoFreeTrial', marketSpecificPricings: {}, sales: [], priceId: 'Free' },
  visibility: 'Public',
  targetPublishMode: 'Immediate',
  listings: {
    'en-us': {
      baseListing: {
        title: 'Contoso',
        description: 'Something',
        images: [
          { fileName: 'old.png', fileStatus: 'Uploaded', id: '1', imageType: 'Screenshot' },
          { fileName: 'shots\\new.png', fileStatus: 'PendingUpload', imageType: 'Screenshot' },
        ],
      },
      platformOverrides: {},
    },
  },
  applicationPackages: [
    { fileName: 'old.msix', fileStatus: 'PendingDelete', id: '2', version: '1.0.0.0', architecture: 'x64' },
    { fileName: 'app.msix', fileStatus: 'PendingUpload' },
  ],
  allowTargetFutureDeviceFamilies: { Desktop: true, Mobile: false, Xbox: false, Holographic: false },
  status: 'PendingCommit',
}

const files = { 'app.msix': buildMsix(), 'shots/new.png': png(1366, 768) }

interface Folder extends AsyncDisposable {
  readonly path: string
  put(name: string, content: string | Uint8Array | object): Promise<string>
  inspect(...paths: string[]): ReturnType<typeof runCommand>
}

async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  return {
    path,
    async put(name, content) {
      const to = join(path, name)
      await mkdir(join(to, '..'), { recursive: true })
      const isBytes = typeof content === 'string' || content instanceof Uint8Array
      await writeFile(to, isBytes ? content : JSON.stringify(content))
      return to
    },
    inspect: (...paths) => runCommand(createProgram(), ['inspect', '--store', 'microsoft', ...paths]),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

test('a sound submission document with its ZIP has nothing to refuse', async () => {
  await using at = await folder()
  const document = await at.put('submission.json', submission)
  const zip = await at.put('files.zip', buildZip(files))
  const { code, out, err } = await at.inspect(document, zip)
  assert.equal(code, 0, out + err)
  assert.match(out, /submission\.json: nothing to refuse/)
})

test('a folder with the document and the files is the same', async () => {
  await using at = await folder()
  await at.put('submission.json', submission)
  for (const [name, bytes] of Object.entries(files)) await at.put(name, bytes)
  assert.equal((await at.inspect(at.path)).code, 0)
})

test('everything an update and a commit would be refused for is said at once', async () => {
  await using at = await folder()
  const bad = structuredClone(submission) as { [member: string]: unknown } & typeof submission
  bad.pricing.priceId = 'Base'
  bad.visibility = 'Secret'
  Object.assign(bad, { allowTargetFutureDeviceFamilies: {} })
  bad.applicationPackages.push({ fileName: 'missing.msix', fileStatus: 'PendingUpload' })
  const document = await at.put('submission.json', bad)
  const zip = await at.put('files.zip', buildZip({ 'app.msix': 'no package', 'shots/new.png': png(10, 10) }))
  const { code, out } = await runCommand(createProgram(), [
    'inspect',
    '--json',
    '--store',
    'microsoft',
    document,
    zip,
  ])
  assert.equal(code, 1)
  const { sound, findings } = JSON.parse(out) as {
    sound: boolean
    findings: { code: string; message: string; target?: string }[]
  }
  assert.equal(sound, false)
  const said = findings.map(({ code: each, message }) => `${each}: ${message}`).join('\n')
  for (const pattern of [
    /InvalidParameterValue: 'Base' is not a valid PriceId/,
    /InvalidParameterValue: 'Secret' is not a valid value of Visibility/,
    /InvalidParameterValue: AllowTargetFutureDeviceFamilies needs to be initialized/,
    /MissingFiles: The file missing\.msix/,
    /InvalidParameterValue: The image shots\\new\.png/,
    /zip-not-a-zip|msix-/,
  ]) {
    assert.match(said, pattern)
  }
})

test('a document without its files fails where files are awaited, and is fine where none are', async () => {
  await using at = await folder()
  const document = await at.put('document.json', submission)
  const alone = await at.inspect(document)
  assert.equal(alone.code, 1)
  assert.match(alone.out, /InvalidArchive/)
  const still = structuredClone(submission)
  still.applicationPackages = [{ ...still.applicationPackages[0], fileStatus: 'Uploaded' } as never]
  still.listings['en-us'].baseListing.images.pop()
  assert.equal((await at.inspect(await at.put('still.json', still))).code, 0)
})

test('flights and add-ons are known by their members', async () => {
  await using at = await folder()
  const flight = await at.put('flight.json', {
    FlightPackages: [{ fileName: 'app.msix', fileStatus: 'PendingUpload' }],
  })
  const zip = await at.put('files.zip', buildZip(files))
  assert.equal((await at.inspect(flight, zip)).code, 0)
  const addOn = await at.put('add-on.json', {
    contentType: 'NotSet',
    pricing: { priceId: 'Free' },
    listings: { 'en-us': { title: 'x', icon: { fileName: 'shots/new.png', fileStatus: 'PendingUpload' } } },
  })
  const { code, out } = await at.inspect(addOn, zip)
  assert.equal(code, 1)
  assert.match(out, /'NotSet' is not a valid ContentType/)
  assert.match(out, /must be 300 x 300 pixels/)
})

test('names of the document never lead out of the folder', async () => {
  await using at = await folder()
  await at.put('outside.msix', buildMsix())
  const wish = {
    ...submission,
    applicationPackages: [{ fileName: '../outside.msix', fileStatus: 'PendingUpload' }],
  }
  await at.put('inner/submission.json', wish)
  await at.put('inner/shots/new.png', png(1366, 768))
  const { code, out } = await at.inspect(join(at.path, 'inner'))
  assert.equal(code, 1)
  assert.match(out, /MissingFiles \[\.\.\/outside\.msix\]/)
})

test('what is no document, no file or no such store is wrong usage', async () => {
  await using at = await folder()
  assert.equal((await at.inspect(join(at.path, 'nothing.json'))).code, 2)
  assert.equal((await at.inspect(await at.put('broken.json', '{'))).code, 2)
  assert.equal((await at.inspect(await at.put('list.json', '[]'))).code, 1)
  const other = await runCommand(createProgram(), ['inspect', '--store', 'edge', at.path])
  assert.equal(other.code, 2)
  assert.match(other.err, /microsoft has/)
})
