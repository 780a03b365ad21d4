import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApkSpec, buildApk, type JarSignerSpec } from '../../../../../test/helpers/apk-builder.ts'
import { apkKey, oid } from '../../../../../test/helpers/apk-keys.ts'
import { bytesReader } from '../../../bytes-reader.ts'
import { apk } from '../../index.ts'
import { ber, writeDer } from '../ber.ts'
import { jarAlgorithm } from './jar-algorithms.ts'
import { digestsToVerify } from './jar-digests.ts'
import { readJarManifest } from './jar-manifest.ts'

const [a, b] = [apkKey('A'), apkKey('B')]
const r = apkKey('R', { kind: 'rsa' })

async function verdict(spec: ApkSpec) {
  const { facts, findings, sound } = await apk.inspect(bytesReader(buildApk(spec)))
  const signers = (facts.signers as { sha256: string }[]).map(({ sha256 }) => sha256)
  const of = (wanted: string) => [
    ...new Set(findings.filter(({ severity }) => severity === wanted).map(({ code }) => code)),
  ]
  return { verified: facts.signatureVerified, signers, errors: of('error'), warnings: of('warning'), sound }
}

/** A package for Android 4.3 and newer, signed with v1 alone. */
const signed = (signer: Partial<JarSignerSpec> = {}, spec: ApkSpec = {}): ApkSpec => ({
  manifest: { minSdk: 18 },
  v1: [{ key: a, ...signer }],
  ...spec,
})
const rewritten = (rewriteJarManifest: (manifest: string) => string): ApkSpec =>
  signed({}, { rewriteJarManifest })

for (const [title, spec] of [
  ['an EC key', signed()],
  ['an RSA key', signed({ key: r })],
  ['signed attributes since Android 4.4', signed({ signedAttributes: true }, { manifest: { minSdk: 19 } })],
  ['names that are not ASCII', signed({}, { entries: [{ name: 'assets/日本語.txt', content: 'x' }] })],
  [
    'names in UTF-8 without the flag',
    signed({}, { entries: [{ name: 'é', rawName: Buffer.from('é'), content: 'x' }] }),
  ],
  ['an unknown scheme among those it lists', signed({ alsoSigned: '4, x, 99' })],
  ['folded lines', rewritten((text) => text.replaceAll('res/raw', 'res/\r\n raw'))],
  ['line feeds', rewritten((text) => text.replaceAll('\r\n', '\n'))],
  ['carriage returns', rewritten((text) => text.replaceAll('\r\n', '\r'))],
  ['blank lines in excess', rewritten((text) => `\r\n\r\n${text.replace('\r\n\r\n', '\r\n\r\n\r\n')}`)],
  [
    'no digest of the whole manifest',
    signed({ rewrite: (text) => text.replace(/^SHA-256-Digest-Manifest: .*\r\n/m, '') }),
  ],
  [
    'a digest of another whole manifest',
    signed({ rewrite: (text) => text.replace(/(Digest-Manifest: )..../, '$1AAAA') }),
  ],
  ['a folder nobody signed', signed({}, { unsignedEntries: [{ name: 'assets/' }] })],
  ['data descriptors', signed({}, { entries: [{ name: 'a', content: 'aaaa', descriptor: 'signed' }] })],
] as const satisfies readonly (readonly [string, ApkSpec])[]) {
  test(`a JAR signature with ${title} verifies`, async () => {
    const { verified, signers, errors } = await verdict(spec)
    const key = spec.v1?.[0]?.key ?? a
    assert.deepEqual({ verified, signers, errors }, { verified: true, signers: [key.sha256], errors: [] })
  })
}

const bombs = Array.from({ length: 50 }, (_, index) => ({
  name: `b${index}`,
  content: 'bbbb',
  sharesBytesOf: 1,
}))

for (const [title, spec, ...codes] of [
  [
    'an entry added later',
    signed({}, { unsignedEntries: [{ name: 'classes.dex', content: 'dex' }] }),
    'apk-v1-entry-unsigned',
  ],
  [
    'an entry that its signer left out',
    signed({ signs: (name) => name === 'AndroidManifest.xml' }),
    'apk-v1-entry-unsigned',
  ],
  [
    'a second entry of the same name',
    signed({}, { unsignedEntries: [{ name: 'res/raw/text.txt', content: 'evil' }] }),
    'apk-entry-duplicate',
    'apk-v1-malformed',
  ],
  [
    'a digest that is not that of the content',
    rewritten((text) => text.replace(/(text.txt\r\nSHA-256-Digest: )..../, '$1AAAA')),
    'apk-v1-content',
  ],
  [
    'digests of an unknown kind',
    rewritten((text) => text.replaceAll('SHA-256-', 'SHA-99-')),
    'apk-v1-entry-unsigned',
  ],
  [
    'a manifest that lists what is not there',
    rewritten((text) => `${text}Name: gone\r\nSHA-256-Digest: AAAA\r\n\r\n`),
    'apk-v1-entry-missing',
  ],
  [
    'a manifest with a section without name',
    rewritten((text) => `${text}SHA-256-Digest: AAAA\r\n\r\n`),
    'apk-v1-manifest',
  ],
  [
    'a manifest with two sections for an entry',
    rewritten((text) => `${text}Name: res/raw/text.txt\r\nX: y\r\n\r\n`),
    'apk-v1-manifest',
  ],
  ['an empty manifest', rewritten(() => ''), 'apk-v1-manifest'],
  [
    'a wrong digest of a section',
    signed({
      rewrite: (text) =>
        text.replace(/(Digest-Manifest: )..../, '$1AAAA').replace(/(SHA-256-Digest: )..../, '$1AAAA'),
    }),
    'apk-v1-invalid',
  ],
  [
    'no version in its file',
    signed({ rewrite: (text) => text.replace('Signature-Version', 'Version') }),
    'apk-signature-missing',
  ],
  ['a stripped v2 signature', signed({ alsoSigned: '2' }), 'apk-signature-stripped'],
  [
    'a stripped v3 signature beside v2',
    signed({ alsoSigned: '2, 3' }, { v2: [{ key: a }] }),
    'apk-signature-stripped',
  ],
  ['targetSdkVersion 30', signed({}, { manifest: { targetSdk: 30 } }), 'apk-signature-too-old'],
  [
    'targetSandboxVersion 2',
    signed({}, { manifest: { manifest: { targetSandboxVersion: 2 } } }),
    'apk-signature-too-old',
  ],
  ['SHA-256 before Android 4.3', signed({ key: r }, { manifest: { minSdk: 17 } }), 'apk-v1-algorithm'],
  ['signed attributes before Android 4.4', signed({ signedAttributes: true }), 'apk-v1-invalid'],
  ['a digest of another kind than it says', signed({ digestOid: '1.3.14.3.2.26' }), 'apk-v1-invalid'],
  [
    'signers of which one left out an entry',
    {
      manifest: { minSdk: 18 },
      v1: [
        { key: a, name: 'A' },
        { key: b, name: 'B', signs: (name) => !name.startsWith('res/') },
      ],
    },
    'apk-v1-signers-differ',
  ],
  [
    'entries that share their bytes',
    signed({}, { entries: [{ name: 'b', content: 'bbbb' }, ...bombs] }),
    'zip-overlap',
    'apk-entry-duplicate',
    'apk-signature-unverifiable',
  ],
  [
    'a local header with another checksum',
    signed({}, { entries: [{ name: 'x', content: 'xxxx', local: { crc32: 1 } }] }),
    'apk-entry-mismatch',
    'apk-signature-unverifiable',
  ],
  [
    'a local header with another name',
    signed({}, { entries: [{ name: 'x', content: 'xxxx', localName: 'y' }] }),
    'apk-entry-mismatch',
    'apk-signature-unverifiable',
  ],
  [
    'eleven signers',
    {
      manifest: { minSdk: 18 },
      v1: Array.from({ length: 11 }, (_, index) => ({ key: a, name: `S${index}` })),
    },
    'apk-signature-too-many-signers',
  ],
] as const satisfies readonly (readonly [string, ApkSpec, ...string[]])[]) {
  test(`a JAR signature with ${title} is refused`, async () => {
    const { verified, signers, errors, sound } = await verdict(spec)
    assert.deepEqual(
      { verified, signers, errors, sound },
      { verified: false, signers: [], errors: codes, sound: false },
    )
  })
}

test('two signers of everything are both the package’s signers', async () => {
  const v1 = [
    { key: a, name: 'A' },
    { key: b, name: 'B' },
  ]
  const { verified, signers } = await verdict({ manifest: { minSdk: 18 }, v1 })
  assert.deepEqual({ verified, signers }, { verified: true, signers: [a.sha256, b.sha256] })
})

test('a signer that signed nothing is not one of the package’s signers', async () => {
  const v1 = [
    { key: a, name: 'A' },
    { key: b, name: 'B', signs: () => false },
  ]
  const { verified, signers, warnings } = await verdict({ manifest: { minSdk: 18 }, v1 })
  const expected = { verified: true, signers: [a.sha256], warnings: ['apk-v1-signer-ignored'] }
  assert.deepEqual({ verified, signers, warnings }, expected)
})

test('a block file without its .SF file signs nothing', async () => {
  const unsignedEntries = [{ name: 'META-INF/FAKE.RSA', content: 'fake' }]
  const { verified, signers, warnings } = await verdict(signed({}, { unsignedEntries }))
  const expected = { verified: true, signers: [a.sha256], warnings: ['apk-v1-signer-ignored'] }
  assert.deepEqual({ verified, signers, warnings }, expected)
})

test('a JAR signature that Android does not read never names the signer', async () => {
  const manifest = { minSdk: 24 }
  const fake = await verdict({ manifest, v1: [{ key: b }], v2: [{ key: a }] })
  assert.deepEqual(fake, {
    verified: true,
    signers: [a.sha256],
    errors: [],
    warnings: ['apk-v1-stale'],
    sound: true,
  })
  const own = await verdict({ manifest, v1: [{ key: a }], v2: [{ key: a }] })
  assert.deepEqual(own.warnings, [])
})

const extension = (id: string, critical: boolean, value: Uint8Array) =>
  writeDer(
    ber.sequence,
    oid(id),
    ...(critical ? [writeDer(ber.boolean, Uint8Array.of(255))] : []),
    writeDer(ber.octetString, value),
  )
const usage = (bits: number) => extension('2.5.29.15', true, writeDer(ber.bitString, Uint8Array.of(0, bits)))

for (const [title, value, verified] of [
  ['for digital signatures', usage(0x80), true],
  ['for non-repudiation', usage(0x40), true],
  ['for key encipherment only', usage(0x20), false],
  ['with an unknown critical extension', extension('1.2.3.4', true, Uint8Array.of(5, 0)), false],
  ['with an unknown extension', extension('1.2.3.4', false, Uint8Array.of(5, 0)), true],
] as const) {
  test(`a certificate ${title} ${verified ? 'may sign' : 'may not sign'}`, async () => {
    const key = apkKey(title, { extensions: [value] })
    assert.equal((await verdict(signed({ key }))).verified, verified)
  })
}

test('the algorithms that Android verifies depend on its version', () => {
  const [sha1, sha256, sha384] = ['1.3.14.3.2.26', '2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2']
  const [rsa, sha256Rsa, dsa, ec] = [
    '1.2.840.113549.1.1.1',
    '1.2.840.113549.1.1.11',
    '1.2.840.10040.4.1',
    '1.2.840.10045.2.1',
  ]
  assert.deepEqual(
    [
      jarAlgorithm(sha1, rsa)?.minSdk,
      jarAlgorithm(sha256, rsa)?.minSdk,
      jarAlgorithm(sha256, sha256Rsa)?.minSdk,
      jarAlgorithm(sha256, dsa)?.minSdk,
      jarAlgorithm(sha384, ec)?.minSdk,
      jarAlgorithm(sha1, sha256Rsa),
      jarAlgorithm(sha384, dsa),
      jarAlgorithm('constructor', rsa),
      jarAlgorithm(sha1, 'toString'),
    ],
    [0, 18, 18, 22, 18, undefined, undefined, undefined, undefined],
  )
})

test('sections keep their own bytes, blank line included', () => {
  const sections = [...readJarManifest(Buffer.from('A: 1\r\nB: 2\r\n 3\r\n\r\n\r\nName: x\nC\n\nname: y'))]
  assert.deepEqual(
    sections.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
    [
      [undefined, 'A: 1\r\nB: 2\r\n 3\r\n\r\n'],
      ['x', 'Name: x\nC\n\n'],
      ['y', 'name: y'],
    ],
  )
  assert.deepEqual([sections[0]?.attribute('b'), sections[1]?.attribute('C')], ['23', ''])
})

test('before Android 4.3 the first listed digest counts, since then the strongest', () => {
  const [section] = readJarManifest(
    Buffer.from(
      'Name: x\nDigest-Algorithms: MD5 SHA1\nMD5-Digest: AAAA\nSHA1-Digest: BBBB\nSHA-512-Digest: CCCC\n',
    ),
  )
  assert.ok(section !== undefined)
  const algorithms = (minSdk: number) =>
    digestsToVerify(section, '-Digest', minSdk).map(({ algorithm }) => algorithm)
  assert.deepEqual([algorithms(17), algorithms(18)], [['md5', 'sha512'], ['sha512']])
})

test('before Android 4.3 a digest that nobody listed does not count', () => {
  const [section] = readJarManifest(Buffer.from('Name: x\nSHA-256-Digest: AAAA\n'))
  assert.ok(section !== undefined)
  assert.deepEqual(digestsToVerify(section, '-Digest', 17), [])
  assert.equal(digestsToVerify(section, '-Digest', 18).length, 1)
})
