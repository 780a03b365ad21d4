import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amazonClient, apkOf, seededApp, startAmazon } from '../../../test/helpers/amazon-client.ts'
import { ask } from '../../../test/helpers/ask.ts'

const clients = 100
const rounds = 3

test('of 100 clients that race on one listing with If-Match exactly one wins each round, and no update is lost', async () => {
  await using server = await startAmazon()
  const address = await server.listen()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/en-US`
  const url = `/api/appstore/v1/applications/${seededApp.packageName}${path}`
  for (let round = 0; round < rounds; round++) {
    const { json, etag = '' } = await amazon.want(200, 'GET', path)
    const answers = await Promise.all(
      Array.from({ length: clients }, (_each, client) =>
        ask(address, {
          method: 'PUT',
          path: url,
          headers: { ...amazon.headers, 'if-match': etag },
          // Some of them write the very same text: a tag is good once all the same.
          body: JSON.stringify({ ...json, title: `${json.title}.${client >> 1}` }),
        }),
      ),
    )
    const won = answers.filter(({ status }) => status === 200)
    assert.equal(won.length, 1)
    assert.equal(answers.filter(({ status }) => status === 412).length, clients - 1)
    const after = await amazon.want(200, 'GET', path)
    assert.deepEqual([after.text, after.etag], [won[0]?.body, won[0]?.headers.etag])
  }
})

test('clients that try again until they have won have all written', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/en-US`
  const writers = 20
  await Promise.all(
    Array.from({ length: writers }, async (_each, writer) => {
      for (;;) {
        const { json, etag = '' } = await amazon.want(200, 'GET', path)
        const keywords = [...json.keywords, `word${writer}`]
        const answer = await amazon.ask('PUT', path, { ...json, keywords }, { 'if-match': etag })
        if (answer.status === 200) return
        assert.equal(answer.status, 412)
      }
    }),
  )
  const { json } = await amazon.want(200, 'GET', path)
  const words = json.keywords.filter((word: string) => word.startsWith('word'))
  assert.equal(new Set(words).size, writers)
  assert.equal(words.length, writers)
})

test('uploads at once all arrive, each under an id of its own; of the same version code one does', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const codes = [10, 11, 12, 13, 14, 14, 14]
  const answers = await Promise.all(
    codes.map((code) => amazon.ask('POST', `${edit}/apks/upload`, apkOf(code))),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 400, 400])
  const { json } = await amazon.want(200, 'GET', `${edit}/apks`)
  assert.equal(new Set(json.map(({ id }: { id: string }) => id)).size, 6)
  assert.equal(json.length, 6)
})

test('of many who create an edit at once one does', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const answers = await Promise.all(Array.from({ length: 20 }, () => amazon.ask('POST', '/edits')))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 409).length, 19)
})
