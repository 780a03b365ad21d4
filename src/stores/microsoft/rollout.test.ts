import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  goThrough,
  type MicrosoftClient,
  microsoftClient,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../../test/helpers/msix-builder.ts'

const { appId, flightId } = seededStore

const places = {
  app: {
    submissions: `applications/${appId}/submissions`,
    packages: 'applicationPackages',
    tags: 'app',
  },
  flight: {
    submissions: `applications/${appId}/flights/${flightId}/submissions`,
    packages: 'flightPackages',
    tags: 'flight',
  },
} as const
type Place = (typeof places)[keyof typeof places]

let builds = 0

/** Publishes a new package, with a rollout of so many percent. @returns the submission's id */
async function publish(client: MicrosoftClient, place: Place, percentage: number | null): Promise<string> {
  const draft = await client.want(201, 'POST', place.submissions)
  draft[place.packages].push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
  if (percentage !== null) {
    draft.packageDeliveryOptions.packageRollout.isPackageRollout = true
    draft.packageDeliveryOptions.packageRollout.packageRolloutPercentage = percentage
  }
  await client.want(200, 'PUT', `${place.submissions}/${draft.id}`, draft)
  const version = `1.${++builds}.0.0`
  await client.uploadFiles(draft.fileUploadUrl, { 'app.msix': buildMsix({ version }) })
  await client.want(202, 'POST', `${place.submissions}/${draft.id}/commit`)
  await goThrough(client.server)
  const { status, statusDetails } = await client.want(200, 'GET', `${place.submissions}/${draft.id}`)
  assert.equal(status, 'Published', JSON.stringify(statusDetails))
  return draft.id
}

async function rollouts(place: Place): Promise<void> {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const before = await publish(client, place, null)
  const none = {
    isPackageRollout: false,
    packageRolloutPercentage: 0,
    packageRolloutStatus: 'PackageRolloutNotStarted',
    fallbackSubmissionId: '0',
  }
  assert.deepEqual(await client.want(200, 'GET', `${place.submissions}/${before}/packagerollout`), none)

  const id = await publish(client, place, 10)
  const one = `${place.submissions}/${id}`
  const running = {
    isPackageRollout: true,
    packageRolloutPercentage: 10,
    packageRolloutStatus: 'PackageRolloutInProgress',
    fallbackSubmissionId: before,
  }
  assert.deepEqual(await client.want(200, 'GET', `${one}/packagerollout`), running)
  assert.deepEqual((await client.want(200, 'GET', one)).packageDeliveryOptions.packageRollout, running)

  // Until it is finished, there is no next submission.
  assert.equal((await client.want(409, 'POST', place.submissions)).code, 'InvalidState')
  for (const percentage of ['25.5', '100']) {
    const updated = await client.want(
      200,
      'POST',
      `${one}/updatepackagerolloutpercentage?percentage=${percentage}`,
    )
    assert.deepEqual(updated, { ...running, packageRolloutPercentage: Number(percentage) })
  }
  await client.want(409, 'POST', place.submissions)
  for (const query of ['', '?percentage=', '?percentage=101', '?percentage=-1', '?percentage=x']) {
    const refused = await client.want(400, 'POST', `${one}/updatepackagerolloutpercentage${query}`)
    assert.equal(refused.target, 'percentage')
  }

  const finalized = await client.want(200, 'POST', `${one}/finalizepackagerollout`)
  const complete = {
    ...running,
    packageRolloutPercentage: 100,
    packageRolloutStatus: 'PackageRolloutComplete',
  }
  assert.deepEqual(finalized, complete)
  for (const action of [
    'finalizepackagerollout',
    'haltpackagerollout',
    'updatepackagerolloutpercentage?percentage=1',
  ]) {
    assert.equal((await client.want(409, 'POST', `${one}/${action}`)).code, 'InvalidState')
  }

  // A halted submission is what the next draft copies, with its rollout as if it never had one.
  const halted = await publish(client, place, 50)
  const stopped = await client.want(200, 'POST', `${place.submissions}/${halted}/haltpackagerollout`, null)
  assert.deepEqual(stopped, {
    isPackageRollout: true,
    packageRolloutPercentage: 0,
    packageRolloutStatus: 'PackageRolloutStopped',
    fallbackSubmissionId: id,
  })
  const source = await client.want(200, 'GET', `${place.submissions}/${halted}`)
  const next = await client.want(201, 'POST', place.submissions)
  assert.deepEqual(next[place.packages], source[place.packages])
  assert.deepEqual(next.packageDeliveryOptions.packageRollout, none)
  // What is not published has no rollout to change, and what was replaced neither.
  await client.want(409, 'POST', `${place.submissions}/${next.id}/haltpackagerollout`)
  await client.want(409, 'POST', `${place.submissions}/${before}/haltpackagerollout`)
}

test('a rollout of an app is read, updated, halted and finalized [E11][E12][E13][E14][7-37][7-38]', () =>
  rollouts(places.app))

test('a rollout of a flight is read, updated, halted and finalized [E15][E16][E17][E18][7-37]', () =>
  rollouts(places.flight))

test('rollout requests of submissions that nobody has, or that are another’s, are 404 and 409', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const { lastPublishedApplicationSubmission: live } = await client.want(200, 'GET', `applications/${appId}`)
  const strange = `${places.app.submissions}/1152921500000000000/packagerollout`
  assert.equal((await client.want(404, 'GET', strange)).target, 'submissionId')
  const foreign = `${places.flight.submissions}/${live.id}/packagerollout`
  assert.equal((await client.want(409, 'GET', foreign)).code, 'InvalidState')
  await client.want(409, 'POST', `${places.flight.submissions}/${live.id}/haltpackagerollout`)
})
