import assert from 'node:assert/strict'
import { test } from 'node:test'
import { microsoftClient, seededStore, startMicrosoft } from '../../../test/helpers/microsoft-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import { EngineError } from '../../engine/index.ts'
import { microsoftSpec } from './spec.ts'

const { appId, addOnId } = seededStore

test('a flight is no product', async () => {
  await using server = await startMicrosoft()
  await assert.rejects(
    server.engine.createProduct(operator, { store: 'microsoft', kind: 'flight', name: 'Flight' }),
    (error) =>
      error instanceof EngineError && error.code === 'invalid' && /only app, add-on/.test(error.message),
  )
})

test('documents of the wrong kind and with impossible members are not stored by the native API either', () => {
  const problems = (kind: string, content: object) =>
    microsoftSpec.readContent(kind, { ...content }).map(({ target }) => target)
  assert.deepEqual(problems('app', {}), [])
  assert.deepEqual(problems('app', { visibility: 'Secret' }), ['visibility'])
  assert.deepEqual(problems('app', { listings: { 'en-us': { baseListing: { title: 'x'.repeat(201) } } } }), [
    'title',
  ])
  assert.deepEqual(problems('app', { flightPackages: [] }), ['contentType'])
  assert.deepEqual(problems('flight', {}), ['flightPackages'])
  assert.deepEqual(problems('add-on', { tag: 'x' }), ['contentType'])
  assert.deepEqual(problems('add-on', { contentType: 'Asp' }), [])
})

test('what the console shows of a submission is its title and its packages’ version', async () => {
  await using server = await startMicrosoft()
  const shown = async (productId: string) => {
    const views = await server.engine.listSubmissions(operator, { productId, after: null, limit: 10 })
    return views.map(({ summary }) => summary)
  }
  assert.deepEqual(await shown(appId), [{ title: 'Sandbox app', version: '0.0.1.0' }])
  assert.deepEqual(await shown(addOnId), [{ title: 'Coins', version: null }])
})

test('of many creates at once exactly one makes a draft', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.ask('POST', `applications/${appId}/submissions`)),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(19).fill(409)])
})

test('of many commits at once exactly one is taken', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const { id } = await client.want(201, 'POST', `applications/${appId}/submissions`)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => client.ask('POST', `applications/${appId}/submissions/${id}/commit`)),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [202, ...Array(9).fill(409)])
})
