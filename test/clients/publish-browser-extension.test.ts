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

for (const [version, folder] of [
  ['6.2.0', 'publish-browser-extension'],
  ['5.1.0', 'pbe5'],
] as const) {
  const client = (zip: string, key: string = sandbox.apiKey) => [
    ...[process.execPath, inModule(`${folder}/bin/publish-extension.mjs`)],
    ...['--edge-zip', zip, '--edge-product-id', sandbox.productId],
    ...['--edge-client-id', sandbox.clientId, '--edge-api-key', key],
  ]

  suite(`publish-browser-extension ${version}`, { concurrency: 6 }, () => {
    test('publishes the real extension', async () => {
      const run = await slipwayRun({ command: client(packages.sound) })
      assert.equal(run.code, 0, run.stderr)
      assert.deepEqual(story(run), publishedStory)
      assert.deepEqual(outcome(run), publishedOutcome)
      assert.match(printed(run), /✓ Edge Addon Store|✔ Edge Addon Store/)
    })

    test('ends with 1 and prints the whole operation when the upload fails', async () => {
      const run = await slipwayRun({ command: client(packages.unsound) })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), ['upload 202', 'poll upload 200'])
      assert.deepEqual(outcome(run), ['upload failed: package_invalid'])
      assert.match(printed(run), /Validation failed: \{\s+"id":/)
      assert.match(printed(run), /"errorCode": "PackageValidationError"/)
      assert.match(printed(run), /The manifest shouldn't contain the key field\./)
    })

    test('ends with 0 when the publish operation fails, because it never asks; the report tells', async () => {
      const run = await slipwayRun({ command: client(packages.sound), seed: neverPublished })
      assert.equal(run.code, 0, run.stderr)
      assert.deepEqual(story(run), publishedStory)
      assert.deepEqual(outcome(run), [
        'upload succeeded',
        'publish failed: never_published',
        'submission InDraft',
      ])
      assert.match(run.stderr, /publish [\w-]+: failed \(never_published\)/)
    })

    test('ends with 1 when the publish request fails', async () => {
      const run = await slipwayRun({ command: client(packages.sound), faults: publishingFails })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), ['upload 202', 'poll upload 200', 'publish 500'])
      assert.match(printed(run), /500 Internal Server Error/)
    })

    test('ends with 1 and prints the status when the key is wrong', async () => {
      const run = await slipwayRun({ command: client(packages.sound, sandbox.wrongKey) })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), ['upload 401'])
      assert.deepEqual(outcome(run), [])
      assert.match(printed(run), /401 Unauthorized/)
    })

    test('ends with 1 and prints the body when it is throttled', async () => {
      const run = await slipwayRun({ command: client(packages.sound), faults: throttled })
      assert.equal(run.code, 1)
      assert.deepEqual(story(run), ['upload 429'])
      assert.match(printed(run), /429 Too Many Requests/)
      assert.match(printed(run), /Rate limit is exceeded\. Try again in 1 seconds\./)
    })
  })
}
