import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApiServer, type Person, startApi } from '../../test/helpers/api-server.ts'
import { noInterference } from '../engine/interference.ts'
import type { Event, Page, Submission, SubmissionDetails } from './schema.ts'

/** A product `g-1` with a draft. */
async function draft(api: ApiServer): Promise<Submission> {
  const body = { store: 'workshop', kind: 'gadget', name: 'Gadget', id: 'g-1', published: {} }
  await api.ask('POST', '/products', { body })
  return (await api.ask<Submission>('POST', '/products/g-1/submissions')).json
}

/** The draft, edited, submitted by the engine as a store would, and waiting for its review. */
async function inReview(api: ApiServer, title = 'Ready'): Promise<string> {
  const { id } = await draft(api)
  await api.ask('PUT', `/submissions/${id}/content`, { body: { title } })
  await api.engine.publishDraft(api.actor('contoso'), { store: 'workshop', productId: 'g-1', notes: '' })
  await api.settle()
  assert.equal((await api.ask<Submission>('GET', `/submissions/${id}`)).json.step, 'Review')
  return id
}

function act(api: ApiServer, id: string, action: string, as: Person = 'operator', body?: unknown) {
  return api.ask<Submission>('POST', `/submissions/${id}/${action}`, {
    as,
    ...(body === undefined ? {} : { body }),
  })
}

test('a draft is opened, with the revision as ETag', async () => {
  await using api = await startApi()
  await api.ask('POST', '/products', {
    body: { store: 'workshop', kind: 'gadget', name: 'Gadget', id: 'g-1' },
  })
  const made = await api.ask<Submission>('POST', '/products/g-1/submissions')
  assert.equal(made.status, 201)
  assert.equal(made.headers.location, `/api/v1/submissions/${made.json.id}`)
  assert.equal(made.headers.etag, '"0"')
  assert.deepEqual([made.json.phase, made.json.judged, made.json.content], ['draft', false, { title: '' }])
})

test('there is one draft at a time', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  const { status, json } = await api.ask('POST', '/products/g-1/submissions')
  assert.equal(status, 409)
  assert.deepEqual([json.error.code, json.error.target], ['conflict', id])
})

test('a draft for no product is 404', async () => {
  await using api = await startApi()
  assert.equal((await api.ask('POST', '/products/none/submissions')).status, 404)
})

test('a submission is shown with its packages, summary and findings', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  await api.upload('g-1', 'gadget.box')
  await api.ask('PUT', `/submissions/${id}/content`, { body: { title: 'Gadget' } })
  const { json, headers } = await api.ask<SubmissionDetails>('GET', `/submissions/${id}`)
  assert.deepEqual(json.summary, { title: 'Gadget', version: '1.0' })
  assert.deepEqual(
    json.packages.map(({ fileName, sound, facts }) => ({ fileName, sound, facts })),
    [{ fileName: 'gadget.box', sound: true, facts: { version: '1.0' } }],
  )
  assert.equal(headers.etag, `"${json.revision}"`)
})

test('work that is still to be done is shown, and why it failed to those who run the server', async () => {
  let broken = true
  await using api = await startApi({
    ...noInterference,
    atStep() {
      if (broken) throw new Error('a pipe in cellar 7 burst')
      return null
    },
  })
  const { id } = await draft(api)
  const work = async (as: Person) =>
    (await api.ask<SubmissionDetails>('GET', `/submissions/${id}`, { as })).json.work
  await api.ask('PUT', `/submissions/${id}/content`, { body: { title: 'Ready' } })
  assert.equal(await work('contoso'), null)
  await api.engine.publishDraft(api.actor('contoso'), { store: 'workshop', productId: 'g-1', notes: '' })
  await assert.rejects(api.settle(), /jobs failed/)
  const seen = await work('operator')
  assert.deepEqual([seen?.attempts, seen?.lastError], [1, 'a pipe in cellar 7 burst'])
  assert.ok(Date.parse(seen?.dueAt ?? '') > api.clock.now())
  const told = await work('contoso')
  assert.equal(told?.attempts, 1)
  assert.doesNotMatch(told?.lastError ?? '', /cellar/)
  const { json } = await api.ask<Page<SubmissionDetails>>('GET', '/products/g-1/submissions')
  assert.deepEqual(
    json.items.map((item) => item.work),
    [null, told],
  )
  broken = false
  api.clock.advance(60_000)
  await assert.rejects(api.settle(), /jobs failed/)
  assert.equal(await work('operator'), null)
})

test('content is replaced as a whole, and its revision grows', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  const content = { title: 'New', nested: { list: [1, 2.5, null, true, 'é'] } }
  const changed = await api.ask<Submission>('PUT', `/submissions/${id}/content`, { body: content })
  assert.deepEqual(changed.json.content, content)
  assert.deepEqual([changed.headers.etag, changed.json.changed], ['"1"', true])
  assert.deepEqual((await api.ask<Submission>('GET', `/submissions/${id}`)).json.content, content)
})

test('If-Match lets the change through only at its revision', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  const put = (ifMatch: string, title: string) =>
    api.ask('PUT', `/submissions/${id}/content`, { body: { title }, headers: { 'if-match': ifMatch } })
  assert.equal((await put('"0"', 'one')).status, 200)
  const stale = await put('"0"', 'two')
  assert.deepEqual([stale.status, stale.json.error.code], [412, 'stale'])
  assert.equal((await put('*', 'three')).status, 200)
  assert.equal((await put('W/"2"', 'four')).status, 412)
  assert.equal((await put('"elsewhere"', 'four')).status, 412)
  for (const wrong of ['2', '"2', '"1", "2"', '']) assert.equal((await put(wrong, 'four')).status, 400, wrong)
  assert.deepEqual((await api.ask<Submission>('GET', `/submissions/${id}`)).json.content, { title: 'three' })
})

test('content that the store refuses is 400 with what it is about', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  const { status, json } = await api.ask('PUT', `/submissions/${id}/content`, { body: { broken: true } })
  assert.deepEqual([status, json.error.code, json.error.target], [400, 'invalid', 'broken'])
})

test('what was submitted can no longer be edited or deleted', async () => {
  await using api = await startApi()
  const id = await inReview(api)
  const put = await api.ask('PUT', `/submissions/${id}/content`, { body: {} })
  assert.deepEqual([put.status, put.json.error.code], [409, 'wrong_state'])
  const deleted = await api.ask('DELETE', `/submissions/${id}`)
  assert.deepEqual([deleted.status, deleted.json.error.code], [409, 'wrong_state'])
})

test('a draft is deleted with an empty answer, and is gone', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  const { status, text } = await api.ask('DELETE', `/submissions/${id}`)
  assert.deepEqual([status, text], [204, ''])
  assert.equal((await api.ask('GET', `/submissions/${id}`)).status, 404)
  assert.equal((await api.ask('DELETE', `/submissions/${id}`)).status, 404)
})

test('an approved and released submission goes live and can be taken out again', async () => {
  await using api = await startApi()
  const id = await inReview(api)
  const approved = await act(api, id, 'approve')
  assert.deepEqual([approved.status, approved.json.step, approved.json.judged], [200, 'Held', true])
  assert.equal((await act(api, id, 'release', 'contoso')).json.step, 'Publishing')
  await api.settle()
  const live = await api.ask<Submission>('GET', `/submissions/${id}`)
  assert.deepEqual([live.json.phase, live.json.publishedAt], ['live', '2026-01-01T00:00:00.000Z'])
  assert.equal((await act(api, id, 'unpublish', 'contoso')).json.phase, 'past')
})

test('a rejected submission carries the reasons, in the event too', async () => {
  await using api = await startApi()
  const id = await inReview(api)
  const finding = { code: 'icon-blurry', severity: 'error', message: 'Sharpen it.', target: 'icon.png' }
  const warning = { code: 'slow', severity: 'warning', message: 'Make it faster.' }
  const rejected = await act(api, id, 'reject', 'operator', {
    message: 'Not yet.',
    findings: [finding, warning],
  })
  assert.deepEqual([rejected.json.step, rejected.json.phase], ['Rejected', 'failed'])
  const reasons = [{ code: 'review-rejected', severity: 'error', message: 'Not yet.' }, finding, warning]
  assert.deepEqual(rejected.json.findings, reasons)
  const { json } = await api.ask<Page<Event>>('GET', `/events?submissionId=${id}`)
  assert.deepEqual(json.items.at(-1)?.data, { from: 'Review', to: 'Rejected', findings: reasons })
})

test('a rejection without a reason, or with a malformed one, is refused', async () => {
  await using api = await startApi()
  const id = await inReview(api)
  const finding = { code: 'a', severity: 'fatal', message: 'x' }
  for (const [body, target] of [
    [undefined, 'message'],
    [{}, 'message'],
    [{ findings: [] }, 'message'],
    [{ message: '' }, 'message'],
    [{ findings: [finding] }, 'findings.0.severity'],
    [{ findings: [{ ...finding, severity: 'error', colour: 'red' }] }, 'findings.0.colour'],
    [{ reason: 'x' }, 'reason'],
  ] as const) {
    const answer = await api.ask('POST', `/submissions/${id}/reject`, {
      as: 'operator',
      ...(body && { body }),
    })
    assert.deepEqual([answer.status, answer.json.error.target], [400, target], answer.text)
  }
  assert.equal((await api.ask<Submission>('GET', `/submissions/${id}`)).json.step, 'Review')
})

test('publishers do not decide reviews', async () => {
  await using api = await startApi()
  const id = await inReview(api)
  for (const [action, body] of [['approve'], ['reject', { message: 'no' }]] as const) {
    const answer = await api.ask('POST', `/submissions/${id}/${action}`, body ? { body } : {})
    assert.deepEqual([answer.status, answer.json.error.code], [403, 'forbidden'])
  }
})

test('a submission on its way is cancelled by its publisher', async () => {
  await using api = await startApi()
  const id = await inReview(api)
  assert.equal((await act(api, id, 'cancel', 'contoso')).json.phase, 'cancelled')
})

test('what the step does not allow is 409 and changes nothing', async () => {
  await using api = await startApi()
  const { id, revision } = await draft(api)
  for (const action of ['approve', 'cancel', 'release', 'unpublish', 'reject']) {
    const answer = await api.ask('POST', `/submissions/${id}/${action}`, {
      as: 'operator',
      body: action === 'reject' ? { message: 'x' } : {},
    })
    assert.deepEqual([answer.status, answer.json.error.code], [409, 'wrong_state'], action)
  }
  const { json } = await api.ask<Submission>('GET', `/submissions/${id}`)
  assert.deepEqual([json.step, json.revision], ['Draft', revision])
})

test('nothing of another account’s submission can be seen or done', async () => {
  await using api = await startApi()
  const { id } = await draft(api)
  const as = 'fabrikam'
  const answers = [
    await api.ask('GET', `/submissions/${id}`, { as }),
    await api.ask('PUT', `/submissions/${id}/content`, { as, body: {} }),
    await api.ask('DELETE', `/submissions/${id}`, { as }),
    ...(await Promise.all(
      ['approve', 'cancel', 'release', 'unpublish'].map((action) =>
        api.ask('POST', `/submissions/${id}/${action}`, { as }),
      ),
    )),
    await api.ask('POST', `/submissions/${id}/reject`, { as, body: { message: 'x' } }),
  ]
  for (const { status } of answers) assert.equal(status, 404)
})

test('a product’s submissions are paged, the oldest first', async () => {
  await using api = await startApi()
  const ids: string[] = []
  for (const title of ['One', 'Two', 'Three']) {
    api.clock.advance(1000)
    ids.push(await inReview(api, title))
    await act(api, ids.at(-1) ?? '', 'cancel')
  }
  const list = async (query: string) =>
    (await api.ask<Page<SubmissionDetails>>('GET', `/products/g-1/submissions?${query}`)).json
  const [published, ...all] = (await list('')).items
  assert.equal(published?.phase, 'live')
  assert.deepEqual(
    all.map(({ id }) => id),
    ids,
  )
  const seen: string[] = []
  for (let after: string | null = published?.id ?? ''; after !== null; ) {
    const page: Page<SubmissionDetails> = await list(`limit=1&after=${after}`)
    seen.push(...page.items.map(({ id }) => id))
    after = page.next
  }
  assert.deepEqual(seen, ids)
  assert.equal((await api.ask('GET', '/products/g-1/submissions?after=none')).status, 404)
})
