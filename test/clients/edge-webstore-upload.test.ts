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

for (const [way, endpoint, host] of [
  ['with the host it has', '', /^api\.addons\.microsoftedge\.microsoft\.com$/],
  ['with --endpoint over plain HTTP', '--endpoint "$SLIPWAY_URL"', /^127\.0\.0\.1:\d+$/],
] as const) {
  const client = (zip: string, key: string = sandbox.apiKey) =>
    [
      `"${process.execPath}" "${inModule('edge-webstore-upload/bin/cli.js')}"`,
      `--client-id ${sandbox.clientId} --api-key ${key} --product-id ${sandbox.productId} ${endpoint}`,
      `workflow ${zip} -n "from the tests" --retry-delay 1`,
    ].join(' ')

  suite(`edge-webstore-upload 1.0.0 ${way}`, { concurrency: 6 }, () => {
    test('publishes the real extension', async () => {
      const run = await slipwayRun({ command: client(packages.sound) })
      assert.equal(run.code, 0, run.stderr)
      assert.deepEqual(story(run), published)
      assert.deepEqual(outcome(run), publishedOutcome)
      for (const request of run.report?.requests ?? []) assert.match(request.host, host)
      assert.match(printed(run), /✔ Extension published successfully!/)
      assert.match(printed(run), /Workflow completed!/)
    })

    test('ends with 1 and prints the operation when the upload fails', async () => {
      const run = await slipwayRun({ command: client(packages.unsound) })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), ['upload 202', 'poll upload 200'])
      assert.deepEqual(outcome(run), ['upload failed: package_invalid'])
      assert.match(printed(run), /✖ Upload failed!/)
      assert.match(printed(run), /Error: The package failed validation\./)
      assert.match(printed(run), /"message": "The manifest shouldn't contain the key field\./)
    })

    test('ends with 1 and prints the operation when the product was never published', async () => {
      const run = await slipwayRun({ command: client(packages.sound), seed: neverPublished })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), published)
      assert.deepEqual(outcome(run), [
        'upload succeeded',
        'publish failed: never_published',
        'submission InDraft',
      ])
      assert.match(printed(run), /✖ Publishing failed!\n/)
      assert.match(printed(run), /Error: Can't create new extension\.\n/)
      assert.match(printed(run), /"errorCode": "CreateNotAllowed"/)
    })

    test('ends with 1 and prints the status when the key is wrong', async () => {
      const run = await slipwayRun({ command: client(packages.sound, sandbox.wrongKey) })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), ['upload 401'])
      assert.match(printed(run), /✖ Workflow failed!\nError: Upload failed: 401 - ""\n/)
    })

    test('ends with 1 and prints the body when it is throttled, and publishes when it comes back in time', async () => {
      const command = `${client(packages.sound)} && exit 9; sleep 1; ${client(packages.sound)}`
      const run = await slipwayRun({ command, faults: throttled })
      assert.equal(run.code, 0, run.stderr)
      assert.deepEqual(story(run), ['upload 429', ...published])
      assert.deepEqual(outcome(run), publishedOutcome)
      assert.match(
        printed(run),
        /Error: Upload failed: 429 - \{"statusCode":429,"message":"Rate limit is exceeded\. Try again in 1 seconds\."\}\n/,
      )
    })
  })
}

suite('edge-webstore-upload 1.0.0', { concurrency: 3 }, () => {
  const tool = `"${process.execPath}" "${inModule('edge-webstore-upload/bin/cli.js')}" --client-id ${sandbox.clientId} --api-key ${sandbox.apiKey} --product-id ${sandbox.productId}`

  test('ends with 1 and prints the operation while an earlier submission is in review', async () => {
    const workflow = `${tool} workflow ${packages.sound} --retry-delay 1`
    const run = await slipwayRun({
      command: `${workflow} && ${workflow}`,
      flags: ['--steps', 'edge.InReview=3600000'],
    })
    assert.equal(run.code, 1)
    assert.deepEqual(story(run), [...published, ...published])
    assert.deepEqual(outcome(run).toSorted(), [
      'publish failed: submission_in_progress',
      'publish succeeded',
      'submission InDraft',
      'submission InReview',
      'upload succeeded',
      'upload succeeded',
    ])
    assert.match(
      printed(run),
      /Error: Can't publish extension as your extension submission is in progress\. Please try again later\.\n/,
    )
    assert.match(printed(run), /"errorCode": "InProgressSubmission"/)
  })

  test('ends with 0 when there is nothing to publish and it is not told to wait; publish-status tells', async () => {
    const status = `${tool} publish-status "$(${tool} publish -n nothing | sed -n 's/^Operation ID: //p')"`
    const run = await slipwayRun({ command: `${tool} publish && ${status}` })
    assert.equal(run.code, 1)
    assert.deepEqual(outcome(run), ['publish failed: nothing_changed', 'publish failed: nothing_changed'])
    assert.match(printed(run), /✔ Publish initiated successfully!/)
    assert.match(printed(run), /Publish Status: Failed\n/)
    assert.match(
      printed(run),
      /Message: Can't publish extension since there are no updates, please try again after updating the package\.\n/,
    )
  })

  test('ends with 1 when the publish request fails', async () => {
    const run = await slipwayRun({
      command: `${tool} workflow ${packages.sound} --retry-delay 1`,
      faults: publishingFails,
    })
    assert.equal(run.code, 1)
    assert.deepEqual(story(run), ['upload 202', 'poll upload 200', 'publish 500'])
    assert.match(printed(run), /✖ Workflow failed!\nError: Publish failed: 500 - ""\n/)
  })
})
