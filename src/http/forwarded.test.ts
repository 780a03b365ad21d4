import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededStore, tokenOf } from '../../test/helpers/microsoft-client.ts'
import { startServer } from '../../test/helpers/start-server.ts'

/** Where a new draft is to be uploaded to, by a client of `https://store.example` whose proxy speaks HTTP to us. */
async function uploadOrigin(trustProxy: 'no' | 'yes'): Promise<string> {
  await using server = await startServer({ trustProxy })
  const draft = await server.http.inject({
    method: 'POST',
    url: `/v1.0/my/applications/${seededStore.appId}/submissions`,
    headers: {
      authorization: `Bearer ${await tokenOf(server)}`,
      host: 'inner:7070',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'store.example',
    },
  })
  return new URL(draft.json().fileUploadUrl).origin
}

test('behind a proxy that is trusted, links are what its clients can follow', async () => {
  assert.equal(await uploadOrigin('yes'), 'https://store.example')
})

test('what a client says of a proxy is not believed unless told so', async () => {
  assert.equal(await uploadOrigin('no'), 'http://inner:7070')
})
