import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../../test/helpers/api-server.ts'
import type { Credential, NewCredential, Page } from './schema.ts'

test('a credential shows its secret once and is listed without it', async () => {
  await using api = await startApi()
  const body = {
    kind: 'secret',
    clientId: 'client-1',
    tenantId: 'tenant-1',
    label: 'pipeline',
    expiresAt: '2027-01-01T02:00:00+02:00',
  }
  const made = await api.ask<NewCredential>('POST', '/credentials', { body })
  assert.equal(made.status, 201)
  assert.equal(made.headers['cache-control'], 'no-store')
  const { secret, ...shown } = made.json
  assert.match(secret, /^[\w-]{43}$/)
  assert.deepEqual(shown, {
    ...body,
    id: shown.id,
    accountId: 'contoso',
    role: 'publisher',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2027-01-01T00:00:00.000Z',
    revokedAt: null,
  })
  const listed = await api.ask<Page<Credential>>('GET', '/credentials')
  assert.deepEqual(
    listed.json.items.find(({ id }) => id === shown.id),
    shown,
  )
  assert.doesNotMatch(listed.text, /hash|secret":/)
  const actor = await api.engine.authenticate({
    kind: 'secret',
    clientId: 'client-1',
    tenantId: 'tenant-1',
    secret,
  })
  assert.equal(actor.accountId, 'contoso')
})

test('a key is rotated by a second credential for the same client', async () => {
  await using api = await startApi()
  const make = () =>
    api.ask<NewCredential>('POST', '/credentials', { body: { kind: 'api_key', clientId: 'client-1' } })
  const [old, young] = [(await make()).json, (await make()).json]
  const isGood = (secret: string) =>
    api.engine.authenticate({ kind: 'api_key', clientId: 'client-1', secret }).then(
      () => true,
      () => false,
    )
  assert.deepEqual([await isGood(old.secret), await isGood(young.secret)], [true, true])
  await api.ask('DELETE', `/credentials/${old.id}`)
  assert.deepEqual([await isGood(old.secret), await isGood(young.secret)], [false, true])
})

test('revoking answers the credential, and twice the same', async () => {
  await using api = await startApi()
  const { id } = (await api.ask<NewCredential>('POST', '/credentials', { body: { kind: 'token' } })).json
  const first = await api.ask<Credential>('DELETE', `/credentials/${id}`)
  assert.deepEqual([first.status, first.json.revokedAt], [200, '2026-01-01T00:00:00.000Z'])
  api.clock.advance(1000)
  assert.deepEqual((await api.ask<Credential>('DELETE', `/credentials/${id}`)).json, first.json)
})

test('another account’s credentials are not there', async () => {
  await using api = await startApi()
  const path = `/credentials/${api.credentialOf.contoso}`
  assert.equal((await api.ask('DELETE', path, { as: 'fabrikam' })).status, 404)
  assert.equal((await api.ask('DELETE', '/credentials/none')).status, 404)
  const { json } = await api.ask<Page<Credential>>('GET', '/credentials', { as: 'fabrikam' })
  assert.deepEqual(
    json.items.map(({ accountId }) => accountId),
    ['fabrikam'],
  )
})

test('publishers make credentials for themselves only', async () => {
  await using api = await startApi()
  for (const [body, target] of [
    [{ kind: 'token', accountId: 'fabrikam' }, 'accountId'],
    [{ kind: 'token', accountId: 'nobody' }, 'accountId'],
    [{ kind: 'token', role: 'operator' }, 'role'],
  ] as const) {
    const { status, json } = await api.ask('POST', '/credentials', { body })
    assert.deepEqual([status, json.error.code, json.error.target], [403, 'forbidden', target])
  }
  const own = { kind: 'token', accountId: 'contoso', role: 'publisher' }
  assert.equal((await api.ask('POST', '/credentials', { body: own })).status, 201)
})

test('operators make credentials for any account and of any role', async () => {
  await using api = await startApi()
  const body = { kind: 'token', accountId: 'contoso', role: 'operator' }
  const { json } = await api.ask<NewCredential>('POST', '/credentials', { as: 'operator', body })
  assert.deepEqual([json.accountId, json.role], ['contoso', 'operator'])
  const nobody = await api.ask('POST', '/credentials', {
    as: 'operator',
    body: { ...body, accountId: 'nobody' },
  })
  assert.equal(nobody.status, 404)
})

test('a client id belongs to one account', async () => {
  await using api = await startApi()
  const body = { kind: 'secret', clientId: 'client-1' }
  await api.ask('POST', '/credentials', { body })
  const { status, json } = await api.ask('POST', '/credentials', { as: 'fabrikam', body })
  assert.deepEqual([status, json.error.target], [409, 'clientId'])
})

test('what is malformed or already over is refused; a client does not choose its secret', async () => {
  await using api = await startApi()
  for (const [body, target] of [
    [{}, 'kind'],
    [{ kind: 'password' }, 'kind'],
    [{ kind: 'token', expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ kind: 'token', expiresAt: '2025-12-31T00:00:00Z' }, 'expiresAt'],
    [{ kind: 'token', clientId: 'a b' }, 'clientId'],
    [{ kind: 'token', secret: 'hunter2' }, 'secret'],
  ] as const) {
    const { status, json } = await api.ask('POST', '/credentials', { body })
    assert.deepEqual([status, json.error.target], [400, target])
  }
})

test('credentials are paged, the oldest first', async () => {
  await using api = await startApi()
  for (const label of ['one', 'two']) {
    api.clock.advance(1000)
    await api.ask('POST', '/credentials', { body: { kind: 'api_key', label } })
  }
  const first = await api.ask<Page<Credential>>('GET', '/credentials?limit=2')
  assert.deepEqual(
    first.json.items.map(({ label }) => label),
    ['', 'one'],
  )
  const rest = await api.ask<Page<Credential>>('GET', `/credentials?limit=2&after=${first.json.next}`)
  assert.deepEqual([rest.json.items.map(({ label }) => label), rest.json.next], [['two'], null])
  assert.equal((await api.ask('GET', '/credentials?after=none')).status, 404)
})
