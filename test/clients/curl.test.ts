import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import {
  neverPublished,
  outcome,
  packagesOnDisk,
  printed,
  publishedOutcome,
  publishedStory,
  sandbox,
  story,
  throttled,
} from '../helpers/client-runs.ts'
import { slipwayRun } from '../helpers/run-process.ts'

const packages = await packagesOnDisk()
const published = [...publishedStory, 'poll publish 200']
const skip =
  spawnSync('curl', ['--version']).error === undefined
    ? false
    : 'curl is not installed: the documented commands are not checked'

const host = 'https://api.addons.microsoftedge.microsoft.com'

/** The four commands of the documentation as they stand there, each with its own variables around it. */
const documented = {
  upload: `curl \\
-H "Authorization: ApiKey $ApiKey" \\
-H "X-ClientID: $ClientID" \\
-H "Content-Type: application/zip" \\
-X POST \\
-T $FILE_NAME \\
-v \\
${host}/v1/products/$productID/submissions/draft/package`,
  checkUpload: `curl \\
-H "Authorization: ApiKey $ApiKey" \\
-H "X-ClientID: $ClientID" \\
-X GET \\
-v \\
${host}/v1/products/$productID/submissions/draft/package/operations/$operationID`,
  publish: `curl \\
-H "Authorization: ApiKey $ApiKey" \\
-H "X-ClientID: $ClientID" \\
-X POST \\
-d '{ "notes"="text value" }' \\
-v \\
${host}/v1/products/$productID/submissions`,
  checkPublish: `curl \\
-H "Authorization: ApiKey $ApiKey" \\
-H "X-ClientID: $ClientID" \\
-X GET \\
-v \\
${host}/v1/products/$productID/submissions/operations/$operationID`,
}

const variables = (zip: string, key: string = '$SLIPWAY_API_KEY') =>
  `ApiKey="${key}"; ClientID=$SLIPWAY_CLIENT_ID; productID=$SLIPWAY_EDGE_PRODUCT_ID; FILE_NAME=${zip}`

/** Sends, prints what curl printed, and keeps the operation's id, which only the headers have. */
const start = (command: string) => `
said=$(${command} 2>&1)
echo "$said"
operationID=$(echo "$said" | sed -n 's/^< [Ll]ocation: *//p' | tr -d '\\r')
[ -n "$operationID" ] || exit 3`

const wait = (command: string) => `
while said=$(${command} 2>/dev/null); case "$said" in *'"status":"InProgress"'*) true ;; *) false ;; esac; do sleep 0.2; done
echo "$said"
case "$said" in *'"status":"Succeeded"'*) ;; *) exit 4 ;; esac`

const whole = (zip: string, key?: string) =>
  [
    variables(zip, key),
    start(documented.upload),
    wait(documented.checkUpload),
    start(documented.publish),
    wait(documented.checkPublish),
  ].join('\n')

suite('curl as in the documentation', { concurrency: 6, skip }, () => {
  test('publishes the real extension', async () => {
    const run = await slipwayRun({ command: whole(packages.sound) })
    assert.equal(run.code, 0, run.stderr)
    assert.deepEqual(story(run), published)
    assert.deepEqual(outcome(run), publishedOutcome)
    assert.match(run.stdout, /< HTTP\/1\.1 202 Accepted/)
    assert.match(run.stdout, /SSL certificate verify ok/)
    assert.match(run.stdout, /"message":"Successfully created submission with ID [\w-]+","errorCode":""/)
  })

  test('shows the operation of a failing upload', async () => {
    const run = await slipwayRun({ command: whole(packages.unsound) })
    assert.equal(run.code, 4)
    assert.deepEqual(story(run), ['upload 202', 'poll upload 200'])
    assert.match(run.stdout, /"errorCode":"PackageValidationError","errors":\[\{"message":"The manifest /)
  })

  test('shows the operation of a failing publish', async () => {
    const run = await slipwayRun({ command: whole(packages.sound), seed: neverPublished })
    assert.equal(run.code, 4)
    assert.deepEqual(story(run), published)
    assert.match(
      run.stdout,
      /"status":"Failed","message":"Can't create new extension\.","errorCode":"CreateNotAllowed","errors":null/,
    )
  })

  test('shows the bare 401 of a wrong key', async () => {
    const run = await slipwayRun({ command: whole(packages.sound, sandbox.wrongKey) })
    assert.equal(run.code, 3)
    assert.deepEqual(story(run), ['upload 401'])
    assert.match(run.stdout, /< HTTP\/1\.1 401 Unauthorized\r\n(?:< [^\n]*\n)*< content-length: 0/i)
  })

  test('shows the 429 of a throttled call, and with --retry waits as long as it says', async () => {
    const retrying = documented.upload.replace('-v', '-v --retry 2')
    const command = [
      variables(packages.sound),
      `(${start(documented.upload)}) && exit 9`,
      start(retrying),
      wait(documented.checkUpload),
    ].join('\n')
    const twice = [{ ...throttled[0], match: { ...throttled[0]?.match, times: 2 } }]
    const run = await slipwayRun({ command, faults: twice })
    assert.equal(run.code, 0, run.stderr)
    assert.deepEqual(story(run), ['upload 429', 'upload 429', 'upload 202', 'poll upload 200'])
    assert.match(run.stdout, /< HTTP\/1\.1 429 Too Many Requests/)
    assert.match(run.stdout, /< retry-after: 1/i)
    assert.match(run.stdout, /"message":"Rate limit is exceeded\. Try again in 1 seconds\."/)
    assert.match(run.stdout, /Will retry in 1 seconds/)
  })

  test('the v1 token of the documentation publishes too', async () => {
    const bearer = (command: string) =>
      command
        .replace('-H "Authorization: ApiKey $ApiKey"', '-H "Authorization: Bearer $TOKEN"')
        .replace('-H "X-ClientID: $ClientID" \\\n', '')
    const token = `TOKEN=$(curl -sS \\
-X POST \\
-H "Content-Type: application/x-www-form-urlencoded" \\
-d "client_id=$ClientID" \\
-d "scope=https://api.addons.microsoftedge.microsoft.com/.default" \\
-d "client_secret=$SLIPWAY_CLIENT_SECRET" \\
-d "grant_type=client_credentials" \\
${sandbox.v1TokenUrl} | sed -n 's/.*"access_token":"\\([^"]*\\)".*/\\1/p')`
    const command = [
      variables(packages.sound),
      token,
      start(bearer(documented.upload)),
      wait(bearer(documented.checkUpload)),
      start(bearer(documented.publish)),
      wait(bearer(documented.checkPublish)),
    ].join('\n')
    const run = await slipwayRun({ command })
    assert.equal(run.code, 0, `${run.stdout}${run.stderr}`)
    assert.deepEqual(story(run), ['token 200', ...published])
    assert.deepEqual(outcome(run), publishedOutcome)
  })

  test('a publish whose reply was lost has happened: the retry meets the review it started', async () => {
    const command = [
      variables(packages.sound),
      start(documented.upload),
      wait(documented.checkUpload),
      `(${start(documented.publish)}) && exit 9`,
      start(documented.publish),
      wait(documented.checkPublish),
    ].join('\n')
    const faults = [
      { match: { method: 'POST', route: '/v1/products/*/submissions', times: 1 }, effect: { drop: 'reply' } },
    ]
    const run = await slipwayRun({ command, faults, flags: ['--steps', 'edge.InReview=3600000'] })
    assert.equal(run.code, 4)
    assert.deepEqual(story(run), [
      'upload 202',
      'poll upload 200',
      'publish 0',
      'publish 202',
      'poll publish 200',
    ])
    assert.match(printed(run), /Empty reply from server/)
    assert.match(printed(run), /"errorCode":"InProgressSubmission"/)
    assert.deepEqual(outcome(run), [
      'upload succeeded',
      'publish succeeded',
      'publish failed: submission_in_progress',
      'submission InReview',
    ])
  })
})
