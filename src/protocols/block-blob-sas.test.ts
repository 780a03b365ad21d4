import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blobOrigin, uploadUrl } from './block-blob.ts'
import { BlobRefusal } from './block-blob-refusals.ts'
import { type SasKey, signQuery, verifyQuery } from './block-blob-sas.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const day = 24 * 60 * 60 * 1000

const key: SasKey = {
  id: '0b7f5cb0-6e3f-4a39-9fd1-0d3b3dd0c3a4',
  secret: Buffer.alloc(32, 7).toString('base64'),
}
const older: SasKey = {
  id: '9a4ff0a1-5a7c-41a5-8b6a-51a0a3d5ce11',
  secret: Buffer.alloc(32, 8).toString('base64'),
}
const uploadId = '6d1c0f3e-0a56-4c9e-8f5b-1f0f5f1f2a3b'

const wish = { uploadId, permissions: 'rwl', now, expiresAt: now + day } as const
const named = { ...wish, fileName: 'initial_1152921504621465000.cab' }

const verify = (query: string, at = now, keys: readonly SasKey[] = [key], id = uploadId) =>
  verifyQuery(keys, id, new URLSearchParams(query), at)

function assertRefused(query: string, detail: RegExp, ...rest: [number?, (readonly SasKey[])?, string?]) {
  assert.throws(
    () => verify(query, ...rest),
    (error) => {
      assert.ok(error instanceof BlobRefusal)
      assert.deepEqual([error.status, error.code], [403, 'AuthenticationFailed'])
      assert.match(error.details.AuthenticationErrorDetail ?? '', detail)
      return true
    },
  )
}

const engine = { now: () => now, signingKeys: async () => [key, older], directUploadUrl: async () => null }

test('a URL has the parameters of the real ones in their order, and lasts a day', async () => {
  const url = await uploadUrl(engine, { uploadId, origin: 'http://127.0.0.1:7070', permissions: 'rwl' })
  const { origin, pathname, search, searchParams } = new URL(url)
  assert.equal(origin, 'http://127.0.0.1:7070')
  assert.equal(pathname, `/ingestion/${uploadId}`)
  const { sig, ...fields } = Object.fromEntries(searchParams)
  assert.deepEqual(Object.entries({ ...fields, sig: '' }), [
    ['skoid', key.id],
    ['sktid', '975f013f-7f24-47e8-a7d3-abc4752bf346'],
    ['skt', '2026-01-01T00:00:00Z'],
    ['ske', '2026-01-08T00:00:00Z'],
    ['sks', 'b'],
    ['skv', '2024-05-04'],
    ['sv', '2024-05-04'],
    ['se', '2026-01-02T00:00:00Z'],
    ['sr', 'b'],
    ['sp', 'rwl'],
    ['sig', ''],
  ])
  assert.equal(Buffer.from(sig ?? '', 'base64').length, 32)
  assert.doesNotMatch(search, /[+ ]/)
  assert.deepEqual(verify(search), { permissions: 'rwl', version: '2024-05-04', disposition: undefined })
})

test('a URL with a file name carries it before the signature, as the real ones spell it', () => {
  const query = signQuery(key, named)
  assert.match(query, /&sp=rwl&rscd=attachment%3B\+filename%3Dinitial_1152921504621465000\.cab&sig=[^&]+$/)
  assert.equal(verify(query).disposition, 'attachment; filename=initial_1152921504621465000.cab')
})

test('a URL may expire when the caller says, and the key it names never before it', async () => {
  const expiresAt = now + 30 * day
  const url = await uploadUrl(engine, { uploadId, origin: '', permissions: 'rl', expiresAt })
  const query = new URL(url, 'http://x').searchParams
  assert.equal(query.get('se'), '2026-01-31T00:00:00Z')
  assert.equal(query.get('ske'), '2026-01-31T00:00:00Z')
  assert.equal(verify(`${query}`, expiresAt - 1).permissions, 'rl')
})

test('what a file name must not do to a header or a URL is taken out of it', () => {
  const query = signQuery(key, { ...wish, fileName: 'a "b"+c\r\nSet-Cookie: ü&sp=x;/../d.zip' })
  assert.equal(verify(query).disposition, 'attachment; filename=a__b__c__Set-Cookie____sp_x__.._d.zip')
})

/** A signature with everything in it that has more than one spelling. */
function queryWithOddSignature(): string {
  for (let second = 0; ; second++) {
    const query = signQuery(key, { ...named, expiresAt: now + day + second * 1000 })
    const sig = new URLSearchParams(query).get('sig') ?? ''
    if (sig.includes('+') && sig.includes('/')) return query
  }
}

const change = (query: string, edit: (fields: [string, string][]) => [string, string][]) =>
  new URLSearchParams(edit([...new URLSearchParams(query)])).toString()

const spellings: readonly [what: string, respell: (query: string) => string][] = [
  ['as it is', (query) => query],
  [
    'with %2B for every plus sign, blanks included, as the stores’ clients write it',
    (query) => query.replaceAll('+', '%2B'),
  ],
  ['with %20 for every plus sign, as Python’s SDK writes it', (query) => query.replaceAll('+', '%20')],
  ['decoded, plus signs and all', (query) => decodeURIComponent(query)],
  ['decoded, with %2B for every plus sign', (query) => decodeURIComponent(query).replaceAll('+', '%2B')],
  [
    'with small letters in its escapes',
    (query) => query.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase()),
  ],
  [
    'with every character escaped',
    (query) =>
      [...new URLSearchParams(query)]
        .map(([name, value]) => `${name}=${Buffer.from(value).toString('hex').replace(/../g, '%$&')}`)
        .join('&'),
  ],
  ['in another order', (query) => change(query, (fields) => fields.toReversed())],
  ['sorted', (query) => change(query, (fields) => fields.toSorted())],
  ['with a block’s parameters in front', (query) => `comp=block&blockid=AAAA&${query}`],
  ['with parameters behind', (query) => `${query}&comp=blocklist&timeout=90&api-version=2021-12-02`],
  ['with empty pairs', (query) => `&&${query}&`],
  [
    'with a base64url signature',
    (query) =>
      change(query, (fields) =>
        fields.map(([name, value]) => [
          name,
          name === 'sig' ? Buffer.from(value, 'base64').toString('base64url') : value,
        ]),
      ),
  ],
]

for (const [what, respell] of spellings) {
  test(`a signature holds for the URL ${what}`, () => {
    const query = respell(queryWithOddSignature())
    assert.deepEqual(verify(query), {
      permissions: 'rwl',
      version: '2024-05-04',
      disposition: 'attachment; filename=initial_1152921504621465000.cab',
    })
  })
}

const forgeries: readonly [what: string, forge: (query: string) => string][] = [
  ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv', 'sv', 'se', 'sr', 'sp', 'rscd'].flatMap(
    (name): [string, (query: string) => string][] => [
      [
        `another ${name}`,
        (query) =>
          change(query, (fields) => fields.map(([one, value]) => [one, one === name ? `${value}9` : value])),
      ],
      [`no ${name}`, (query) => change(query, (fields) => fields.filter(([one]) => one !== name))],
      [`another ${name} in front`, (query) => `${name}=x&${query}`],
    ],
  ),
  ...['st', 'sip', 'spr', 'rsct', 'rscc', 'saoid', 'snapshot', 'versionid'].map(
    (name): [string, (query: string) => string] => [`a new ${name}`, (query) => `${query}&${name}=x`],
  ),
  [
    'a signature of one bit less',
    (query) => query.replace(/sig=./, (match) => (match === 'sig=A' ? 'sig=B' : 'sig=A')),
  ],
  ['half a signature', (query) => query.replace(/sig=(.{20}).*/, 'sig=$1')],
  ['something behind its signature', (query) => `${query}x`],
  ['a longer signature', (query) => query.replace(/sig=/, 'sig=AAAA')],
  ['a signature that is no base64', (query) => query.replace(/sig=.*/, 'sig=%00%FF%zz')],
]

for (const [what, forge] of forgeries) {
  test(`a URL with ${what} is refused`, () => {
    assertRefused(forge(signQuery(key, named)), /^Signature did not match\.$/)
  })
}

test('a URL without a signature, or with an empty one, is refused', () => {
  for (const query of ['', 'sp=rwl', signQuery(key, wish).replace(/sig=.*/, 'sig='), 'sig']) {
    assertRefused(query, /^sig is mandatory/)
  }
})

test('a signature is good for its own upload and no other', () => {
  assertRefused(signQuery(key, wish), /did not match/, now, [key], `${uploadId.slice(0, -1)}c`)
})

test('a URL is good until the second it expires, and says so then', () => {
  const query = signQuery(key, wish)
  assert.ok(verify(query, now + day - 1))
  const detail =
    /^Signature not valid in the specified time frame: Start \[Thu, 01 Jan 2026 00:00:00 GMT\] - Expiry \[Fri, 02 Jan 2026 00:00:00 GMT\] - Current \[Fri, 02 Jan 2026 00:00:00 GMT\]$/
  assertRefused(query, detail, now + day)
  assertRefused(query, /^Signature not valid/, now + 1000 * day)
})

test('the newest key signs; every key there is verifies, and a retired one no longer', async () => {
  const url = await uploadUrl(engine, { uploadId, origin: 'http://x', permissions: 'rl' })
  assert.equal(new URL(url).searchParams.get('skoid'), key.id)
  const old = signQuery(older, wish)
  assert.ok(verify(old, now, [key, older]))
  assertRefused(old, /did not match/, now, [key])
  assertRefused(old, /did not match/, now, [])
})

test('a key that nobody has signs nothing, not even an empty one', () => {
  for (const secret of ['', key.secret]) {
    assertRefused(signQuery({ id: 'stranger', secret }, wish), /did not match/)
    assertRefused(signQuery({ id: '', secret }, wish), /did not match/)
  }
  assertRefused(signQuery({ id: key.id, secret: older.secret }, wish), /did not match/, now, [key, older])
})

const origins: readonly [host: string, protocol: 'http' | 'https', origin: string][] = [
  ['manage.devcenter.microsoft.com', 'https', 'https://ingestionpackagesprod1.blob.core.windows.net'],
  ['MANAGE.DevCenter.Microsoft.com:443', 'https', 'https://ingestionpackagesprod1.blob.core.windows.net'],
  [
    'ingestionpackagesprod1.blob.core.windows.net',
    'https',
    'https://ingestionpackagesprod1.blob.core.windows.net',
  ],
  ['127.0.0.1:7070', 'http', 'http://127.0.0.1:7070'],
  ['localhost:7070', 'http', 'http://localhost:7070'],
  ['[::1]:7070', 'http', 'http://[::1]:7070'],
  ['store.contoso.com', 'https', 'https://store.contoso.com'],
  ['microsoft.com.contoso.com:80', 'http', 'http://microsoft.com.contoso.com:80'],
  ['notmicrosoft.com', 'http', 'http://notmicrosoft.com'],
]

for (const [host, protocol, origin] of origins) {
  test(`a client that asked ${host} is sent to ${origin}`, () => {
    const { hostname } = new URL(`http://${host}`)
    assert.equal(blobOrigin({ host, hostname, protocol }), origin)
  })
}
