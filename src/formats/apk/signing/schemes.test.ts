import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApkSpec, attributes, type BlockPair, buildApk } from '../../../../test/helpers/apk-builder.ts'
import { apkKey } from '../../../../test/helpers/apk-keys.ts'
import { words } from '../../../../test/helpers/axml-builder.ts'
import { bytesReader } from '../../bytes-reader.ts'
import { apk } from '../index.ts'

const [a, b, c] = ['A', 'B', 'C'].map((name) => apkKey(name)) as [
  ReturnType<typeof apkKey>,
  ReturnType<typeof apkKey>,
  ReturnType<typeof apkKey>,
]
const r = apkKey('R', { kind: 'rsa' })

async function verdict(spec: ApkSpec) {
  const { facts, findings, sound } = await apk.inspect(bytesReader(buildApk(spec)))
  const signers = (facts.signers as { sha256: string }[]).map(({ sha256 }) => sha256)
  const errors = [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code))]
  return { verified: facts.signatureVerified, schemes: facts.schemes, signers, errors, sound }
}

const lineage = (...keys: Parameters<typeof attributes.lineage>[0]) => [attributes.lineage(keys)]
const big = { name: 'big', content: Buffer.alloc(3_300_000, 'abcdefg'), method: 'stored' } as const

for (const [title, spec, schemes, keys] of [
  ['v2 with ECDSA', { v2: [{ key: a }] }, ['v2'], [a]],
  ['v2 with RSA', { v2: [{ key: r }] }, ['v2'], [r]],
  ['v2 with RSASSA-PSS', { v2: [{ key: r, algorithms: [0x0101] }] }, ['v2'], [r]],
  ['v2 with RSASSA-PSS and SHA-512', { v2: [{ key: r, algorithms: [0x0102] }] }, ['v2'], [r]],
  ['v2 with several algorithms', { v2: [{ key: r, algorithms: [0x0104, 0x0103] }] }, ['v2'], [r]],
  ['v2 over several megabytes', { entries: [big], v2: [{ key: a, algorithms: [0x0202] }] }, ['v2'], [a]],
  [
    'v2 with a verity digest',
    { manifest: { minSdk: 28 }, entries: [big], v2: [{ key: a, algorithms: [0x0423] }] },
    ['v2'],
    [a],
  ],
  [
    'v2 with a verity digest of exactly one page of digests',
    {
      manifest: { minSdk: 28 },
      entries: [{ ...big, content: Buffer.alloc(128 * 4096 - 3 * 4096, 1) }],
      v2: [{ key: r, algorithms: [0x0421] }],
    },
    ['v2'],
    [r],
  ],
  ['v2 with two signers', { v2: [{ key: a }, { key: b }] }, ['v2'], [a, b]],
  ['v3 for Android 9 and newer', { manifest: { minSdk: 28 }, v3: [{ key: a }] }, ['v3'], [a]],
  ['v2 and v3', { v2: [{ key: a }], v3: [{ key: a }] }, ['v2', 'v3'], [a]],
  [
    'v2 beside v3, unread from Android 9 on',
    { manifest: { minSdk: 28 }, v2: [{ key: b }], v3: [{ key: a }] },
    ['v3'],
    [a],
  ],
  [
    'v1, v2 and v3',
    {
      manifest: { minSdk: 18 },
      v1: [{ key: a, alsoSigned: '2, 3' }],
      v2: [{ key: a, attributes: [attributes.strippingProtection(3)] }],
      v3: [{ key: a }],
    },
    ['v1', 'v2', 'v3'],
    [a],
  ],
  ['a rotated key', { v2: [{ key: a }], v3: [{ key: c, attributes: lineage(a, b, c) }] }, ['v2', 'v3'], [c]],
  [
    'a key rotated from an API level on',
    {
      manifest: { minSdk: 28 },
      v3: [
        { key: a, maxSdk: 30 },
        { key: b, minSdk: 31, attributes: lineage(a, b) },
      ],
    },
    ['v3'],
    [b],
  ],
  [
    'v3.1',
    {
      v2: [{ key: a }],
      v3: [{ key: a, maxSdk: 32, attributes: [attributes.rotationMinSdk(33)] }],
      v31: [{ key: b, minSdk: 33, attributes: lineage(a, b) }],
    },
    ['v2', 'v3', 'v3.1'],
    [b],
  ],
  ['an unknown attribute', { v2: [{ key: a, attributes: [{ id: 1, value: words(1) }] }] }, ['v2'], [a]],
  ['a comment behind the archive', { v2: [{ key: a }], zip: { comment: Buffer.from('hello') } }, ['v2'], [a]],
] as const satisfies readonly (readonly [string, ApkSpec, unknown, unknown])[]) {
  test(`${title} verifies`, async () => {
    assert.deepEqual(await verdict(spec), {
      verified: true,
      schemes,
      signers: keys.map(({ sha256 }) => sha256),
      errors: [],
      sound: true,
    })
  })
}

const rotated31 = (v3: object, v31: object): ApkSpec => ({
  v2: [{ key: a }],
  v3: [{ key: a, maxSdk: 32, attributes: [attributes.rotationMinSdk(33)], ...v3 }],
  v31: [{ key: b, minSdk: 33, attributes: lineage(a, b), ...v31 }],
})
const only3 = (...v3: NonNullable<ApkSpec['v3']>): ApkSpec => ({ manifest: { minSdk: 28 }, v3 })
const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = Buffer.from(bytes)
  copy[copy.length - 5] = (copy[copy.length - 5] ?? 0) ^ 1
  return copy
}
const lineageAttribute = (value: Uint8Array) => [{ id: 0x3ba06f8c, value }]

for (const [title, spec, ...codes] of [
  ['no signature at all', {}, 'apk-signature-missing'],
  ['v2 alone before Android 7', { manifest: { minSdk: 23 }, v2: [{ key: a }] }, 'apk-signature-missing'],
  [
    'signed data changed after signing',
    { v2: [{ key: a, tamper: (data) => data.fill(0, 20, 22) }] },
    'apk-signature-invalid',
  ],
  ['a content digest of other content', { v2: [{ key: a, tamperDigests: true }] }, 'apk-signature-content'],
  [
    'the certificate of somebody else',
    { v2: [{ key: a, certificates: [b.certificate] }] },
    'apk-signature-key-mismatch',
  ],
  [
    'the certificate of somebody else before one’s own',
    { v2: [{ key: a, certificates: [b.certificate, a.certificate] }] },
    'apk-signature-key-mismatch',
  ],
  [
    'the public key of somebody else',
    { v2: [{ key: a, publicKeyInfo: b.publicKeyInfo }] },
    'apk-signature-invalid',
  ],
  ['no certificate', { v2: [{ key: a, certificates: [] }] }, 'apk-signature-malformed'],
  [
    'a certificate that is none',
    { v2: [{ key: a, certificates: [Buffer.from('no')] }] },
    'apk-signature-malformed',
  ],
  ['no signers', { pairs: () => [{ id: 0x7109871a, value: words(0) }] }, 'apk-signature-malformed'],
  [
    'a signer that does not verify beside one that does',
    { v2: [{ key: a }, { key: b, tamperDigests: true }] },
    'apk-signature-content',
  ],
  [
    'eleven signers',
    { v2: Array.from({ length: 11 }, () => ({ key: a })) },
    'apk-signature-too-many-signers',
  ],
  ['unknown algorithms only', { v2: [{ key: a, algorithms: [0x9999] }] }, 'apk-signature-algorithm'],
  [
    'a verity digest alone before Android 9',
    { v2: [{ key: a, algorithms: [0x0423] }] },
    'apk-signature-algorithm',
  ],
  [
    'an algorithm of another kind of key',
    { v2: [{ key: a, algorithms: [0x0103] }] },
    'apk-signature-invalid',
  ],
  [
    'a stripped v3 signature',
    { v2: [{ key: a, attributes: [attributes.strippingProtection(3)] }] },
    'apk-signature-stripped',
  ],
  ['v2 and v3 of different signers', { v2: [{ key: a }], v3: [{ key: b }] }, 'apk-signature-signers-differ'],
  [
    'v1 and v2 of different signers',
    { manifest: { minSdk: 18 }, v1: [{ key: a }], v2: [{ key: b }] },
    'apk-signature-signers-differ',
  ],
  [
    'two signers of v2 beside v3',
    { v2: [{ key: a }, { key: b }], v3: [{ key: a }] },
    'apk-signature-signers-differ',
  ],
  [
    'v2 by the middle of a lineage',
    { v2: [{ key: b }], v3: [{ key: c, attributes: lineage(a, b, c) }] },
    'apk-signature-signers-differ',
  ],
  ['v3 that begins too late', only3({ key: a, minSdk: 30 }), 'apk-signature-sdk-range'],
  ['v3 that ends', only3({ key: a, maxSdk: 33 }), 'apk-signature-sdk-range'],
  [
    'v3 with a gap',
    only3({ key: a, maxSdk: 29 }, { key: b, minSdk: 31, attributes: lineage(a, b) }),
    'apk-signature-sdk-range',
  ],
  [
    'v3 with an overlap',
    only3({ key: a, maxSdk: 31 }, { key: b, minSdk: 31, attributes: lineage(a, b) }),
    'apk-signature-sdk-range',
  ],
  ['v3 with two signers for the same levels', only3({ key: a }, { key: b }), 'apk-signature-sdk-range'],
  [
    'v3 that claims other levels than it signed',
    only3({ key: a, signedRange: [28, 30] }),
    'apk-signature-sdk-range',
  ],
  ['v3 with levels back to front', only3({ key: a, minSdk: 40, maxSdk: 28 }), 'apk-signature-sdk-range'],
  [
    'a lineage that a parent did not sign',
    only3({ key: b, attributes: lineageAttribute(flipped(attributes.lineage([a, b]).value)) }),
    'apk-signature-lineage',
  ],
  [
    'a lineage that ends with another key',
    only3({ key: b, attributes: lineage(a, b, c) }),
    'apk-signature-lineage',
  ],
  ['a lineage without the signer', only3({ key: c, attributes: lineage(a, b) }), 'apk-signature-lineage'],
  ['a lineage in a circle', only3({ key: a, attributes: lineage(a, b, a) }), 'apk-signature-lineage'],
  ['an empty lineage', only3({ key: a, attributes: lineageAttribute(words(1)) }), 'apk-signature-lineage'],
  [
    'a lineage of an unknown version',
    only3({ key: a, attributes: lineageAttribute(words(2)) }),
    'apk-signature-malformed',
  ],
  [
    'two lineages in one signer',
    only3({ key: b, attributes: [...lineage(a, b), ...lineage(a, b)] }),
    'apk-signature-lineage',
  ],
  [
    'signers with lineages that part',
    only3(
      { key: b, maxSdk: 30, attributes: lineage(a, b) },
      { key: c, minSdk: 31, attributes: lineage(a, c) },
    ),
    'apk-signature-lineage',
  ],
  [
    'a stripped v3.1 signature',
    { v2: [{ key: a }], v3: [{ key: a, attributes: [attributes.rotationMinSdk(33)] }] },
    'apk-signature-stripped',
  ],
  ['v3.1 without v3', { manifest: { minSdk: 33 }, v31: [{ key: a, minSdk: 33 }] }, 'apk-signature-stripped'],
  [
    'v3.1 from another level than v3 says',
    rotated31({ attributes: [attributes.rotationMinSdk(34)] }, {}),
    'apk-signature-sdk-range',
  ],
  ['v3 that ends before v3.1 begins', rotated31({ maxSdk: 31 }, {}), 'apk-signature-sdk-range'],
  ['v3.1 that ends', rotated31({}, { maxSdk: 40 }), 'apk-signature-sdk-range'],
  ['v3.1 with a digest of other content', rotated31({}, { tamperDigests: true }), 'apk-signature-content'],
  [
    'v3.1 with a lineage that begins elsewhere',
    rotated31({}, { attributes: lineage(c, b) }),
    'apk-signature-signers-differ',
  ],
] as const satisfies readonly (readonly [string, ApkSpec, string])[]) {
  test(`${title} is refused`, async () => {
    const { verified, signers, errors, sound } = await verdict(spec)
    assert.deepEqual(
      { verified, signers, errors, sound },
      { verified: false, signers: [], errors: codes, sound: false },
    )
  })
}

test('a scheme that stands in the block twice is refused, and the signer named is the one that Android sees', async () => {
  let second: readonly BlockPair[] = []
  buildApk({ v2: [{ key: b }], pairs: (pairs) => (second = pairs) })
  assert.equal(second.length, 1)
  for (const [order, signer] of [
    [(pairs: readonly BlockPair[]) => [...pairs, ...second], a],
    [(pairs: readonly BlockPair[]) => [...second, ...pairs], b],
  ] as const) {
    const { verified, signers, errors } = await verdict({ v2: [{ key: a }], pairs: order })
    const expected = { verified: true, signers: [signer.sha256], errors: ['apk-signing-block-ambiguous'] }
    assert.deepEqual({ verified, signers, errors }, expected)
  }
})

for (const [title, spec] of [
  ['without its magic', { tamperBlock: (block: Buffer) => block.fill(0, block.length - 1) }],
  ['with two different sizes', { tamperBlock: (block: Buffer) => block.fill(1, 0, 1) }],
  [
    'with a size beyond the file',
    { tamperBlock: (block: Buffer) => block.fill(0xff, block.length - 24, block.length - 17) },
  ],
  ['with bytes between directory and end', { zip: { afterDirectory: Buffer.alloc(8) } }],
] as const) {
  test(`a signing block ${title} is none`, async () => {
    const { verified, errors } = await verdict({ v2: [{ key: a }], ...spec })
    assert.deepEqual({ verified, errors }, { verified: false, errors: ['apk-signature-missing'] })
  })
}

for (const [title, offset] of [
  ['in the first megabyte', 100],
  ['in the last megabyte', 3_290_000],
] as const) {
  test(`one bit changed ${title} breaks the signature`, async () => {
    const bytes = Buffer.from(buildApk({ entries: [big], v2: [{ key: a }] }))
    const at = bytes.indexOf('abcdefg') + offset
    bytes[at] = (bytes[at] ?? 0) ^ 1
    const { facts } = await apk.inspect(bytesReader(bytes))
    assert.equal(facts.signatureVerified, false)
  })
}

test('a changed directory or end record breaks the signature', async () => {
  const bytes = Buffer.from(buildApk({ v2: [{ key: a }], zip: { comment: Buffer.from('comment') } }))
  for (const at of [bytes.lastIndexOf('text.txt') - 46 + 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal((await apk.inspect(bytesReader(changed))).facts.signatureVerified, false)
  }
})

test('the history of a rotated key is a fact, oldest first', async () => {
  const bytes = buildApk({ v2: [{ key: a }], v3: [{ key: c, attributes: lineage(a, b, c) }] })
  const { facts } = await apk.inspect(bytesReader(bytes))
  assert.deepEqual(facts.lineage, [
    { sha256: a.sha256, subject: 'CN=A' },
    { sha256: b.sha256, subject: 'CN=B' },
    { sha256: c.sha256, subject: 'CN=C' },
  ])
})
