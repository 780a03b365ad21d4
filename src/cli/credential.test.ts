import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Person, startApi } from '../../test/helpers/api-server.ts'
import { runCommand } from '../../test/helpers/run-command.ts'
import type { Credential, NewCredential } from '../client/index.ts'
import { credentialCommand } from './credential.ts'

async function connected(as: Person = 'contoso') {
  const api = await startApi()
  const url = await api.http.listen({ host: '127.0.0.1', port: 0 })
  const run = (name?: string, ...args: string[]) => {
    const connection = ['--url', url, '--token', api.tokenOf[as]]
    return runCommand(credentialCommand(), name === undefined ? [] : [name, ...connection, ...args])
  }
  return { api, run }
}

test('a credential is made with everything it was asked for, and its secret works', async () => {
  const { api, run } = await connected('operator')
  await using _ = api
  const { code, out, err } = await run(
    ...[
      'create',
      '--kind',
      'secret',
      '--account',
      'fabrikam',
      '--client-id',
      'client-1',
      '--tenant-id',
      'tenant-1',
    ],
    ...['--role', 'publisher', '--label', 'release pipeline', '--expires', '2030-01-31', '--json'],
  )
  assert.deepEqual([code, err], [0, ''])
  const { id, secret, createdAt, ...made } = JSON.parse(out) as NewCredential
  assert.deepEqual(made, {
    accountId: 'fabrikam',
    kind: 'secret',
    clientId: 'client-1',
    tenantId: 'tenant-1',
    role: 'publisher',
    label: 'release pipeline',
    expiresAt: '2030-01-31T00:00:00.000Z',
    revokedAt: null,
  })
  assert.ok(id && createdAt)
  const actor = await api.engine.authenticate({
    kind: 'secret',
    clientId: 'client-1',
    tenantId: 'tenant-1',
    secret,
  })
  assert.equal(actor.credentialId, id)
})

test('a person is shown the secret and told to keep it', async () => {
  const { api, run } = await connected()
  await using _ = api
  const { out } = await run('create', '--kind', 'token')
  const secret = /^secret +(\S+)$/m.exec(out)?.[1] ?? ''
  assert.match(out, /cannot show it again/)
  assert.equal((await api.engine.authenticateToken(secret)).accountId, 'contoso')
})

test('rotating makes a second credential for the same client and leaves the first', async () => {
  const { api, run } = await connected()
  await using _ = api
  const first = JSON.parse(
    (await run('create', '--kind', 'api_key', '--label', 'ci', '--json')).out,
  ) as NewCredential
  const rotated = await run('rotate', first.id, '--expires', '9000d', '--json')
  assert.equal(rotated.code, 0, rotated.err)
  const second = JSON.parse(rotated.out) as NewCredential
  assert.deepEqual([second.clientId, second.kind, second.label], [first.clientId, 'api_key', 'ci'])
  assert.notEqual(second.secret, first.secret)
  assert.ok(second.expiresAt)
  for (const { secret } of [first, second]) {
    await api.engine.authenticate({ kind: 'api_key', clientId: first.clientId, secret })
  }
  const told = await run('rotate', first.id)
  assert.match(told.out, new RegExp(`slipway credential revoke ${first.id}\n$`))
  const missing = await run('rotate', 'none')
  assert.deepEqual([missing.code, missing.out], [1, ''])
  assert.match(missing.err, /no credential none\n.*slipway credential list/)
})

test('a list shows what is good, expired or revoked', async () => {
  const { api, run } = await connected()
  await using _ = api
  const revoked = JSON.parse(
    (await run('create', '--kind', 'api_key', '--label', 'old', '--json')).out,
  ) as NewCredential
  const gone = await run('revoke', revoked.id)
  assert.deepEqual([gone.code, gone.out], [0, `${revoked.id} is revoked (api_key of ${revoked.clientId})\n`])
  // The server's clock stands at the beginning of 2026, the command's is the machine's.
  const expiresAt = '2026-01-02T00:00:00Z'
  await api.ask('POST', '/credentials', { body: { kind: 'secret', label: 'short', expiresAt } })
  const { out } = await run('list')
  const [titles, ...rows] = out.trimEnd().split('\n')
  assert.match(titles ?? '', /^ID +KIND +CLIENT +ROLE +LABEL +STATE +UNTIL$/)
  const labels = rows.map((row) => row.split(/ {2,}/).slice(3).join(' | ')).sort()
  assert.deepEqual(labels, [
    'publisher | - | good | -',
    'publisher | old | revoked | 2026-01-01 00:00:00',
    `publisher | short | ${Date.now() > Date.parse(expiresAt) ? 'expired' : 'good'} | 2026-01-02 00:00:00`,
  ])
  const lines = (await run('list', '--json')).out.trim().split('\n')
  assert.equal(lines.length, 3)
  assert.ok(lines.every((line) => (JSON.parse(line) as Credential).accountId === 'contoso'))
})

test('what a publisher may not do ends with 1', async () => {
  const { api, run } = await connected()
  await using _ = api
  for (const [name, ...args] of [
    ['create', '--kind', 'token', '--role', 'operator'],
    ['create', '--kind', 'token', '--account', 'fabrikam'],
    ['revoke', api.credentialOf.fabrikam],
  ]) {
    const { code, err } = await run(name, ...args)
    assert.equal(code, 1, err)
    assert.match(err, /^slipway: .+\n.+/)
  }
})

test('wrong usage ends with 2', async () => {
  const { api, run } = await connected()
  await using _ = api
  for (const [name, ...args] of [
    ['create'],
    ['create', '--kind', 'password'],
    ['create', '--kind', 'token', '--expires', 'tomorrow'],
    ['create', '--kind', 'token', '--expires', '5'],
    ['revoke'],
    [],
  ]) {
    const { code, err } = await run(name, ...args)
    assert.equal(code, 2, `${name} ${args.join(' ')}: ${err}`)
  }
})

test('help is no error and gives examples', async () => {
  for (const args of [
    ['--help'],
    ...['create', 'list', 'revoke', 'rotate'].map((name) => [name, '--help']),
  ]) {
    const { code, out } = await runCommand(credentialCommand(), args)
    assert.equal(code, 0)
    assert.match(out, /Examples:\n {2}slipway credential/)
  }
})
