import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  inModule,
  neverPublished,
  outcome,
  packagesOnDisk,
  printed,
  publishedOutcome,
  publishedStory,
  publishingFails,
  sandbox,
  story,
  throttled,
} from '../helpers/client-runs.ts'
import { slipwayRun } from '../helpers/run-process.ts'

const packages = await packagesOnDisk()
const published = [...publishedStory, 'poll publish 200']
const tool = `"${process.execPath}" "${inModule('web-ext-deploy/dist-esm/index.js')}"`

/** Asks for a token, which it keeps in edge.env beside its working directory. */
const getToken = (secret = 'sandbox-secret') =>
  `${tool} --edge-client-id=${sandbox.clientId} --edge-client-secret=${secret} --edge-access-token-url=${sandbox.v1TokenUrl}`

const deploy = (zip: string) =>
  `${tool} --env --edge-product-id=${sandbox.productId} --edge-zip=${zip} --edge-dev-changelog="from the tests"`

/** It asks once for the publish operation and takes what is still running for a success: that is to be over by then. */
const answersLate = [
  {
    match: { method: 'GET', route: '/v1/products/*/submissions/operations/*' },
    effect: { delayMs: 1500 },
  },
]

const both = (zip: string, secret?: string) => `${getToken(secret)} && ${deploy(zip)}`

/** Its function, for what its command line makes of a rejection: an exit code of 0. */
function asLibrary(zip: string): string[] {
  const script = `
    import { deployEdgePublishApi } from '${inModule('web-ext-deploy/dist-esm/index.js')}'
    import { getEdgePublishApiAccessToken } from '${inModule('web-ext-deploy/dist-esm/get-edge-publish-api-access-token.js')}'
    const options = { clientId: '${sandbox.clientId}', clientSecret: 'sandbox-secret', accessTokenUrl: '${sandbox.v1TokenUrl}' }
    const { accessToken } = await getEdgePublishApiAccessToken(options)
    const zip = ${JSON.stringify(zip)}
    console.log(await deployEdgePublishApi({ ...options, accessToken, productId: '${sandbox.productId}', zip, devChangelog: 'x' }))`
  return [process.execPath, '--input-type=module', '--eval', script]
}

suite('web-ext-deploy 0.12.14, the retired v1 form', { concurrency: 6 }, () => {
  test('publishes the real extension with a token', async () => {
    const run = await slipwayRun({ command: both(packages.sound), faults: answersLate })
    assert.equal(run.code, 0, run.stderr)
    assert.deepEqual(story(run), ['token 200', ...published])
    assert.deepEqual(outcome(run), publishedOutcome)
    assert.match(printed(run), /Successfully updated "33333333-3333-3333-3333-333333333333" \(Autoconsent\)/)
  })

  test('ends with 0 although the upload fails, and prints no reason for it', async () => {
    const run = await slipwayRun({ command: both(packages.unsound) })
    assert.equal(run.code, 0)
    assert.deepEqual(story(run), ['token 200', 'upload 202', 'poll upload 200'])
    assert.deepEqual(outcome(run), ['upload failed: package_invalid'])
    assert.match(printed(run), /Error: Edge: Step 1\) Failed to upload Autoconsent: Failed\n/)
    assert.doesNotMatch(printed(run), /key field/)
  })

  test('ends with 0 although the publish fails, and prints the message', async () => {
    const run = await slipwayRun({ command: both(packages.sound), seed: neverPublished, faults: answersLate })
    assert.equal(run.code, 0)
    assert.deepEqual(story(run), ['token 200', ...published])
    assert.match(
      printed(run),
      /Error: Edge: Step 1\) Failed to publish Autoconsent: Can't create new extension\.\n/,
    )
    assert.deepEqual(outcome(run), [
      'upload succeeded',
      'publish failed: never_published',
      'submission InDraft',
    ])
  })

  test('ends with 0 although the publish request fails, with an empty reason twice over', async () => {
    const run = await slipwayRun({ command: both(packages.sound), faults: publishingFails })
    assert.equal(run.code, 0)
    assert.deepEqual(story(run), ['token 200', 'upload 202', 'poll upload 200', 'publish 500'])
    assert.match(
      printed(run),
      /Error: Edge: Step 2\) Failed to publish Autoconsent: Edge: Step 1\) Failed to publish Autoconsent:\n/,
    )
  })

  test('ends with 0 although the secret is wrong, prints what Entra says, and makes no edge.env', async () => {
    const run = await slipwayRun({ command: `${both(packages.sound, sandbox.wrongKey)}; ls edge.env` })
    assert.deepEqual(story(run), ['token 401'])
    assert.match(printed(run), /Error Edge: AADSTS7000215: Invalid client secret provided\./)
    assert.match(printed(run), /Please supply parameters of at least one store\./)
    assert.match(printed(run), /edge\.env.*No such file/)
  })

  test('ends with 0 although it is throttled, and prints the message', async () => {
    const run = await slipwayRun({ command: both(packages.sound), faults: throttled })
    assert.equal(run.code, 0)
    assert.deepEqual(story(run), ['token 200', 'upload 429'])
    assert.match(
      printed(run),
      /Error: Edge: Step 1\) Failed to upload Autoconsent: Rate limit is exceeded\. Try again in 1 seconds\.\n/,
    )
  })

  test('gets a new token by itself when the one it kept has expired', async () => {
    const later = `fetch(process.env.SLIPWAY_URL + '/api/v1/clock', { method: 'POST', body: JSON.stringify({ advanceMs: 4000000 }), headers: { authorization: 'Bearer ' + process.env.SLIPWAY_TOKEN, 'content-type': 'application/json' } }).then((answer) => process.exit(answer.ok ? 0 : 1))`
    const command = `${getToken()} && "${process.execPath}" -e "${later}" && ${deploy(packages.sound)}`
    const run = await slipwayRun({ command, faults: answersLate })
    assert.equal(run.code, 0, run.stderr)
    const told = story(run).filter((line) => !line.includes('/api/v1/clock'))
    assert.deepEqual(told, ['token 200', 'upload 401', 'token 200', ...published])
    assert.deepEqual(outcome(run), publishedOutcome)
  })

  test('prints that the v1 API is gone where it is', async () => {
    const run = await slipwayRun({ command: both(packages.sound), env: { SLIPWAY_EDGE_V1: 'gone' } })
    assert.equal(run.code, 0)
    assert.deepEqual(story(run), ['token 200', 'upload 410'])
    assert.match(printed(run), /The API version you are currently using is deprecated/)
  })

  test('as a library it rejects: ends with 1 when the upload fails, with 0 when all is well', async () => {
    const [bad, good] = await Promise.all([
      slipwayRun({ command: asLibrary(packages.unsound) }),
      slipwayRun({ command: asLibrary(packages.sound) }),
    ])
    assert.equal(bad.code, 1)
    assert.match(printed(bad), /Failed to upload Autoconsent: Failed/)
    assert.equal(good.code, 0, good.stderr)
    assert.deepEqual(outcome(good), publishedOutcome)
  })
})
