import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const hosts = ['api.store.example', 'login.store.example']

test('the authority vouches for the server, for exactly the names it was made for', async () => {
  const { certificate, server } = await createAuthority(hosts, now)
  const authority = new X509Certificate(certificate)
  const leaf = new X509Certificate(server.certificate)
  assert.ok(authority.ca)
  assert.ok(!leaf.ca)
  assert.ok(leaf.checkIssued(authority))
  assert.ok(leaf.verify(authority.publicKey))
  assert.equal(leaf.subjectAltName, 'DNS:api.store.example, DNS:login.store.example')
  assert.equal(leaf.checkHost('api.store.example'), 'api.store.example')
  assert.equal(leaf.checkHost('x.api.store.example'), undefined)
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
})

test('it is good for a week, and a minute before for clocks that differ', async () => {
  const { certificate, server } = await createAuthority(hosts, now)
  for (const pem of [certificate, server.certificate]) {
    const { validFrom, validTo } = new X509Certificate(pem)
    assert.equal(Date.parse(validFrom), now - 60_000)
    assert.equal(Date.parse(validTo), now + 7 * 24 * 60 * 60 * 1000)
  }
})

test('every run has its own, and the authority’s key is in none of what it hands out', async () => {
  const [one, other] = await Promise.all([createAuthority(hosts, now), createAuthority(hosts, now)])
  assert.notEqual(one.certificate, other.certificate)
  assert.notEqual(
    new X509Certificate(one.certificate).serialNumber,
    new X509Certificate(other.certificate).serialNumber,
  )
  assert.ok(
    !new X509Certificate(one.server.certificate).verify(new X509Certificate(other.certificate).publicKey),
  )
  const key = createPrivateKey(one.server.key)
  assert.ok(new X509Certificate(one.server.certificate).checkPrivateKey(key))
  assert.ok(!new X509Certificate(one.certificate).checkPrivateKey(key))
})
