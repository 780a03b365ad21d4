import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildMsix, contoso, type MsixOptions } from '../../../test/helpers/msix-builder.ts'
import { makeMsixSigner, type SignatureLies } from '../../../test/helpers/msix-signer.ts'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import type { ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { msix } from './index.ts'
import { parseSignature, SignatureError } from './signature.ts'

const signer = await makeMsixSigner()

async function inspect(options: MsixOptions) {
  const { sound, facts, findings } = await msix.inspect(bytesReader(buildMsix({ signer, ...options })))
  const told = findings.filter(({ code }) => code !== 'msix-capability-restricted')
  return { sound, facts, codes: told.map(({ code }) => code), findings: told }
}

for (const [title, options] of [
  ['SHA-256', {}],
  ['SHA-384', { hash: 'sha384' }],
  ['SHA-512', { hash: 'sha512' }],
  ['a catalog', { catalog: 'catalog' }],
  ['an archive without ZIP64', { zip: { zip64: false } }],
  ['an archive with a comment', { zip: { comment: Buffer.from('built by nobody') } }],
] as const satisfies [string, MsixOptions][]) {
  test(`a package signed with ${title} is sound`, async () => {
    const { sound, codes, facts } = await inspect(options)
    assert.deepEqual(codes, [])
    assert.equal(sound, true)
    assert.equal(facts.signed, true)
  })
}

test('RSA keys verify, too', async () => {
  const rsa = await makeMsixSigner(undefined, 'rsa')
  assert.deepEqual((await inspect({ signer: rsa })).codes, [])
})

test('the facts name the signer as the manifest would', async () => {
  const { facts } = await inspect({})
  const { sha256, ...rest } = facts.signer as { sha256: string }
  assert.match(sha256, /^[0-9a-f]{64}$/)
  assert.deepEqual(rest, {
    subject: contoso,
    issuer: contoso,
    serialNumber: '01a2b3',
    notBefore: '2025-01-01T00:00:00.000Z',
    notAfter: '2035-01-01T00:00:00.000Z',
    selfSigned: true,
    timestamped: false,
  })
})

test('the publisher must be the subject, letter case and space aside', async () => {
  const same = await inspect({ publisher: 'CN=CONTOSO  Software, O="contoso, Ltd", C=us' })
  assert.deepEqual(same.codes, [])
  for (const publisher of [
    'CN=Contoso Software',
    'C=US, O="Contoso, Ltd", CN=Contoso Software',
    'CN=Fabrikam, O="Contoso, Ltd", C=US',
  ]) {
    const { sound, codes } = await inspect({ publisher })
    assert.deepEqual(codes, ['msix-signature-publisher'], publisher)
    assert.equal(sound, false)
  }
})

const lies: readonly [title: string, lie: SignatureLies, codes: readonly string[]][] = [
  ['no magic', { magic: 'PKCY' }, ['msix-signature-invalid']],
  ['two signers', { signers: 2 }, ['msix-signature-invalid']],
  ['no signer', { signers: 0 }, ['msix-signature-invalid']],
  ['no certificate', { withoutCertificate: true }, ['msix-signature-invalid']],
  ['another content', { contentType: '1.2.840.113549.1.7.1' }, ['msix-signature-invalid']],
  ['the kind of a bundle', { kind: 'bundle' }, ['msix-signature-kind']],
  ['no known kind', { kind: 'nonsense' }, ['msix-signature-kind']],
  ['another digest than the block map', { hash: 'sha512' }, ['msix-signature-hash-method']],
  ['no digest of the files', { digests: without('AXPC') }, ['msix-signature-digest-missing']],
  ['no digest of the directory', { digests: without('AXCD') }, ['msix-signature-digest-missing']],
  ['no digest of the content types', { digests: without('AXCT') }, ['msix-signature-digest-missing']],
  ['no digest of the block map', { digests: without('AXBM') }, ['msix-signature-digest-missing']],
  [
    'an unknown digest',
    { digests: (map) => map.set('AXZZ', new Uint8Array(32)) },
    ['msix-signature-invalid'],
  ],
  [
    'a digest of a catalog that is missing',
    { digests: (map) => map.set('AXCI', new Uint8Array(32)) },
    ['msix-signature-digest'],
  ],
  ['a short digest', { digests: (map) => map.set('AXBM', new Uint8Array(31)) }, ['msix-signature-invalid']],
  [
    'the signature of something else',
    { afterSigning: flipLast },
    ['msix-signature-digest', 'msix-signature-forged'],
  ],
]

function without(tag: string) {
  return (map: Map<string, Uint8Array>) => new Map([...map].filter(([each]) => each !== tag))
}

function flipLast(content: Buffer): Buffer {
  content[content.length - 1] = (content.at(-1) ?? 0) ^ 1
  return content
}

for (const [title, lie, codes] of lies) {
  test(`${title}: ${codes.join(', ')}`, async () => {
    const result = await inspect({ signature: lie })
    assert.deepEqual([...result.codes].sort(), codes, JSON.stringify(result.findings, undefined, 1))
    assert.equal(result.sound, false)
  })
}

test('a catalog must be covered', async () => {
  const { codes } = await inspect({ catalog: 'catalog', signature: { digests: without('AXCI') } })
  assert.deepEqual(codes, ['msix-signature-digest-missing'])
})

const change = (name: string, by: Partial<ZipSpec>) => (entries: ZipSpec[]) =>
  entries.map((each) => (each.name === name ? { ...each, ...by } : each))

test('whatever is changed after signing is found', async () => {
  const tampered: readonly [title: string, (entries: ZipSpec[]) => ZipSpec[], tags: readonly string[]][] = [
    ['a file', change('Assets/StoreLogo.png', { content: 'PNG STORE LOGO' }), ['AXPC', 'AXCD']],
    ['a comment in the directory', change('App.exe', { comment: 'hello' }), ['AXCD']],
    ['attributes in the directory', change('App.exe', { externalAttributes: 0x20 }), ['AXCD']],
    ['another file', (entries) => [{ name: 'extra.exe', content: 'MZ' }, ...entries], ['AXPC', 'AXCD']],
    [
      'the catalog',
      change('AppxMetadata/CodeIntegrity.cat', { content: 'CATALOG' }),
      ['AXPC', 'AXCD', 'AXCI'],
    ],
    [
      'the content types',
      (entries) =>
        entries.map((each) =>
          each.name === '[Content_Types].xml' ? { ...each, content: `${each.content}<!---->` } : each,
        ),
      ['AXPC', 'AXCD', 'AXCT'],
    ],
    [
      'the block map',
      (entries) =>
        entries.map((each) =>
          each.name === 'AppxBlockMap.xml' ? { ...each, content: `${each.content}<!---->` } : each,
        ),
      ['AXPC', 'AXCD', 'AXBM'],
    ],
  ]
  for (const [title, afterSigning, tags] of tampered) {
    const { sound, findings } = await inspect({ catalog: 'catalog', afterSigning })
    assert.equal(sound, false, title)
    const found = findings.filter(({ code }) => code === 'msix-signature-digest')
    const named = found.map(({ message }) => /\((AX..)\)/.exec(message)?.[1])
    assert.deepEqual(named, tags, title)
  }
})

test('a signature that is not the last file is refused for that, and not for its digests', async () => {
  const { sound, codes } = await inspect({
    afterSigning: (entries) => [...entries.slice(-1), ...entries.slice(0, -1)],
  })
  assert.equal(sound, false)
  assert.deepEqual(codes, ['msix-signature-not-last'])
})

test('an archive comment that was changed after signing is found', async () => {
  const bytes = Buffer.from(buildMsix({ signer, zip: { comment: Buffer.from('a') } }))
  bytes[bytes.length - 1] = 0x62
  const { findings } = await msix.inspect(bytesReader(bytes))
  assert.ok(
    findings.some(({ code, message }) => code === 'msix-signature-digest' && message.includes('AXCD')),
  )
})

test('no bytes make the parser throw anything but its own error, or take long', () => {
  const random = seededRandom(5)
  const sound = signatureBytes()
  const inputs = [new Uint8Array(0), Buffer.from('PKCX'), Buffer.from(`PKCX${'0\u0080'.repeat(100_000)}`)]
  for (let index = 0; index < 150; index += 1) {
    const bytes = Buffer.from(sound)
    for (let count = random.below(4) + 1; count > 0; count -= 1) {
      bytes[4 + random.below(bytes.length - 4)] = random.below(256)
    }
    inputs.push(index % 3 === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes)
  }
  const start = process.cpuUsage()
  for (const bytes of inputs) {
    try {
      parseSignature(bytes)
    } catch (error) {
      assert.ok(error instanceof SignatureError, `${error}`)
    }
  }
  assert.ok(process.cpuUsage(start).user < 4_000_000)
})

function signatureBytes(): Buffer {
  let bytes: Buffer | undefined
  buildMsix({
    signer,
    afterSigning: (entries) => {
      bytes = Buffer.from(entries.at(-1)?.content as Uint8Array)
      return entries
    },
  })
  assert.ok(bytes)
  return bytes
}
