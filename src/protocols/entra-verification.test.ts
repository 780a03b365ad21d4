import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { decodeJwt, decodeProtectedHeader, importPKCS8, SignJWT } from 'jose'
import {
  actor,
  api,
  FakeEngine,
  form,
  keyPairs,
  serve,
  start,
  tenant,
  tokenFrom,
  unauthenticated,
  v1,
  v2,
} from '../../test/helpers/fake-entra.ts'
import { bearerActor } from './entra.ts'
import { openKeyring } from './entra-keys.ts'

test('the first key is made at the first token, and not to verify one', async () => {
  const engine = new FakeEngine()
  const { post } = serve(engine)
  engine.keys.clear()
  await assert.rejects(bearerActor(engine, 'a.b.c', [api]), unauthenticated('malformed'))
  assert.equal(engine.keys.size, 0, 'verifying makes no key')
  const responses = await Promise.all([post(v1, form), post(v2, form), post(v1, form)])
  const tokens = responses.map((response) => response.json().access_token)
  assert.equal(engine.keys.get('entra')?.length, 1)
  for (const token of tokens) assert.equal(await bearerActor(engine, token, [api]), actor)
})

test('whoever waits for the first key waits for the same one', async () => {
  const engine = new FakeEngine()
  const keyring = openKeyring(engine, 'RS256')
  const [one, two] = await Promise.all([keyring.all(), keyring.all()])
  assert.deepEqual([one.length, one[0]?.id], [1, two[0]?.id])
  assert.equal(engine.keyReads, 2 + 1 + 2, 'both look in vain, one key is made, both look again')
})

test('a token names its actor at the APIs it was issued for, and at no other', async () => {
  const engine = new FakeEngine()
  const token = await tokenFrom(engine)
  assert.equal(await bearerActor(engine, token, ['https://other', api]), actor)
  await assert.rejects(bearerActor(engine, token, [`${api}/`]), unauthenticated('audience'))
  await assert.rejects(bearerActor(engine, token, []), unauthenticated('audience'))
  await assert.rejects(
    bearerActor(engine, await tokenFrom(engine, `${api}/`), [api]),
    unauthenticated('audience'),
  )
})

test('a token dies on the second it said, also when it was seen before', async () => {
  const engine = new FakeEngine()
  const [seen, unseen] = [await tokenFrom(engine), await tokenFrom(engine)]
  await bearerActor(engine, seen, [api])
  engine.time = start + 3599_000 - 1
  assert.equal(await bearerActor(engine, seen, [api]), actor)
  engine.time = start + 3599_000
  for (const token of [seen, unseen]) {
    await assert.rejects(bearerActor(engine, token, [api]), unauthenticated('expired'))
  }
})

test('a token may be five minutes ahead of the clock, and no more', async () => {
  const engine = new FakeEngine()
  const [seen, unseen] = [await tokenFrom(engine), await tokenFrom(engine)]
  engine.time = start - 300_000
  assert.equal(await bearerActor(engine, seen, [api]), actor)
  engine.time = start - 301_000
  for (const token of [seen, unseen]) {
    await assert.rejects(bearerActor(engine, token, [api]), unauthenticated('expired'))
  }
})

test('a token dies with its credential, also when it was seen before', async () => {
  const engine = new FakeEngine()
  const token = await tokenFrom(engine)
  assert.equal(await bearerActor(engine, token, [api]), actor)
  engine.revoked = true
  await assert.rejects(bearerActor(engine, token, [api]), unauthenticated('credential'))
})

test('a failure of the engine is passed on as it is', async () => {
  const engine = new FakeEngine()
  const token = await tokenFrom(engine)
  const failure = new Error('the database is away')
  engine.resume = () => Promise.reject(failure)
  await assert.rejects(bearerActor(engine, token, [api]), (error) => error === failure)
})

test('tokens nobody here signed are refused', async () => {
  const engine = new FakeEngine()
  const token = await tokenFrom(engine)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = decodeJwt(token)
  const publicPem = createPublicKey(keyPairs[0].secret).export({ type: 'spki', format: 'pem' })
  const confused = `${json({ typ: 'JWT', alg: 'HS256', kid: 'first' })}.${payload}`
  const sign = async (key: string, head: { alg: string; kid: string; typ?: string }, body: object) =>
    new SignJWT({ ...body }).setProtectedHeader(head).sign(await importPKCS8(key, head.alg))
  const head = { typ: 'JWT', alg: 'RS256', kid: 'first' }
  const forged: Record<string, string> = {
    'no algorithm': `${json({ typ: 'JWT', alg: 'none', kid: 'first' })}.${payload}.`,
    'no algorithm, signed': `${json({ typ: 'JWT', alg: 'None', kid: 'first' })}.${payload}.${signature}`,
    'the public key as a shared secret': `${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`,
    'another algorithm of the same key': await sign(keyPairs[0].secret, { ...head, alg: 'RS512' }, claims),
    'another key under our name': await sign(keyPairs[1].secret, head, claims),
    'an unknown key': await sign(keyPairs[1].secret, { ...head, kid: 'second' }, claims),
    'no key name': `${json({ typ: 'JWT', alg: 'RS256' })}.${payload}.${signature}`,
    'a key in the header': `${json({ ...head, jwk: { kty: 'oct', k: 'AAAA' } })}.${payload}.${signature}`,
    'another type of token': await sign(keyPairs[0].secret, { ...head, typ: 'at+jwt' }, claims),
    'no credential': await sign(keyPairs[0].secret, head, { ...claims, credential: undefined }),
    'a credential that is no string': await sign(keyPairs[0].secret, head, { ...claims, credential: 7 }),
    'several audiences': await sign(keyPairs[0].secret, head, { ...claims, aud: [api] }),
    'no expiry': await sign(keyPairs[0].secret, head, { ...claims, exp: undefined }),
    'an unsigned part': `${header}.${payload}`,
    'other claims': `${header}.${json({ ...claims, credential: 'other' })}.${signature}`,
    'a changed signature': `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    'another part': `${token}.x`,
    PROXY: 'PROXY',
    'no JSON': `${header}.${Buffer.from('x').toString('base64url')}.${signature}`,
  }
  for (const [what, bad] of Object.entries(forged)) {
    await assert.rejects(bearerActor(engine, bad, [api]), unauthenticated('malformed'), what)
  }
  for (const none of ['', undefined]) {
    await assert.rejects(bearerActor(engine, none, [api]), unauthenticated('missing'))
  }
  const ours = await sign(keyPairs[0].secret, head, claims)
  assert.equal(await bearerActor(engine, ours, [api]), actor, 'the forgeries differ in what they say only')
})

test('no garbage does more than be refused', async () => {
  const engine = new FakeEngine()
  const token = await tokenFrom(engine)
  let seed = 42
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed % below
  }
  for (let round = 0; round < 400; round += 1) {
    const bytes = Buffer.from(token)
    for (let change = 0; change <= random(3); change += 1) bytes[random(bytes.length - 2)] = 33 + random(90)
    const garbage = bytes.toString('latin1').slice(0, bytes.length - random(2) * random(bytes.length))
    if (garbage === token) continue
    await assert.rejects(bearerActor(engine, garbage, [api]), unauthenticated('malformed'), garbage)
  }
})

test('a new key signs from then on, an old one verifies until it is retired', async () => {
  const engine = new FakeEngine()
  const old = await tokenFrom(engine)
  assert.equal(await bearerActor(engine, old, [api]), actor)
  const [first, second] = keyPairs

  engine.keys.set('entra', [second, first])
  const elsewhere = new FakeEngine()
  elsewhere.keys.set('entra', [second, first])
  const fresh = await tokenFrom(elsewhere)
  assert.equal(decodeProtectedHeader(fresh).kid, 'second')
  assert.equal(await bearerActor(engine, fresh, [api]), actor, 'an unknown key is looked for at once')
  assert.equal(decodeProtectedHeader(await tokenFrom(engine)).kid, 'second')
  assert.equal(await bearerActor(engine, old, [api]), actor)

  engine.keys.set('entra', [second])
  engine.time += 61_000
  await assert.rejects(bearerActor(engine, old, [api]), unauthenticated('malformed'))
  assert.equal(await bearerActor(engine, fresh, [api]), actor)
})

test('what was verified before costs no look at the keys, whatever else comes between', async () => {
  const engine = new FakeEngine()
  const token = await tokenFrom(engine)
  await bearerActor(engine, token, [api])
  const reads = engine.keyReads
  for (let round = 0; round < 100; round += 1) await bearerActor(engine, token, [api])
  assert.equal(engine.keyReads, reads)
})

test('HS256 where it is chosen: its own key, none of it published, and no RS256 token passes', async () => {
  const rsa = await tokenFrom(new FakeEngine())
  const engine = new FakeEngine()
  const { post, get } = serve(engine, 'HS256')
  const token = (await post(v1, form)).json().access_token
  assert.equal(decodeProtectedHeader(token).alg, 'HS256')
  assert.equal(Buffer.from(engine.keys.get('entra-hs256')?.[0]?.secret ?? '', 'base64').length, 32)
  assert.equal(await bearerActor(engine, token, [api]), actor)
  await assert.rejects(bearerActor(engine, rsa, [api]), unauthenticated('malformed'))
  assert.deepEqual((await get(`/${tenant}/discovery/v2.0/keys`)).json(), { keys: [] })

  const other = new FakeEngine()
  other.keys = new Map([['entra', [keyPairs[0]]], ...engine.keys])
  await assert.rejects(bearerActor(other, token, [api]), unauthenticated('malformed'))
  assert.equal(await bearerActor(other, rsa, [api]), actor)
})
