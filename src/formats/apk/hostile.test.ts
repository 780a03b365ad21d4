import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { type ApkSpec, attributes, buildApk, prefixed } from '../../../test/helpers/apk-builder.ts'
import { apkKey } from '../../../test/helpers/apk-keys.ts'
import { buildArsc } from '../../../test/helpers/arsc-builder.ts'
import { buildAxml, chunk, manifestElement, stringPool, words } from '../../../test/helpers/axml-builder.ts'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import type { ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import type { Inspection } from '../types.ts'
import { apk } from './index.ts'

const [a, b] = [apkKey('A'), apkKey('B')]
const mostMilliseconds = 2000

/** Inspects what may be anything: the answer must be an inspection, soon, and of a size that can be stored. */
async function inspectHostile(bytes: Uint8Array, title: string): Promise<Inspection> {
  // Processor time: how busy the machine is otherwise is not what is tested.
  const start = process.cpuUsage()
  const inspection = await apk.inspect(bytesReader(bytes))
  const { user, system } = process.cpuUsage(start)
  const took = (user + system) / 1000
  assert.ok(took < mostMilliseconds, `${title}: ${took.toFixed(0)} ms`)
  assert.equal(
    inspection.sound,
    inspection.findings.every(({ severity }) => severity !== 'error'),
  )
  if (inspection.sound) assert.equal(inspection.facts.signatureVerified, true, title)
  assert.ok(JSON.stringify(inspection).length < 8 * 1024 ** 2, title)
  return inspection
}

const seeds: readonly ApkSpec[] = [
  { manifest: { minSdk: 18 }, v1: [{ key: a }] },
  {
    manifest: { minSdk: 18 },
    v1: [
      { key: a, name: 'A' },
      { key: b, name: 'B' },
    ],
    v2: [{ key: a }, { key: b }],
  },
  { v2: [{ key: a }], v3: [{ key: b, attributes: [attributes.lineage([a, b])] }] },
  {
    v2: [{ key: a }],
    v3: [{ key: a, maxSdk: 32, attributes: [attributes.rotationMinSdk(33)] }],
    v31: [{ key: b, minSdk: 33, attributes: [attributes.lineage([a, b])] }],
  },
  {
    manifest: { application: { label: { reference: 0x7f010000 } } },
    entries: [
      { name: 'resources.arsc', content: buildArsc([[{ value: 'Label' }]]), method: 'stored', align: 4 },
    ],
    v2: [{ key: a }],
  },
]
const extremes = [0, 1, 0x7fffffff, 0x80000000, 0xffff, 0xfffffffe, 0xffffffff]

test('packages with a few bytes changed are answered soon, and none of them verifies for other content', async () => {
  const random = seededRandom(20_240_817)
  const originals = seeds.map((spec) => buildApk(spec))
  for (let round = 0; round < 700; round++) {
    const original = originals[round % originals.length] ?? new Uint8Array(0)
    const bytes = Buffer.from(original)
    const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1')
    for (let change = random.below(3); change >= 0; change--) {
      // Most of the structure stands near the end: signing block, directory, end record.
      const at = random.below(2) === 0 ? random.below(bytes.length) : Math.max(0, end - random.below(6000))
      const kind = random.below(4)
      if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      else if (kind === 1)
        bytes.writeUInt32LE(extremes[random.below(extremes.length)] ?? 0, Math.min(at, bytes.length - 4))
      else if (kind === 2) bytes.copy(bytes, at, random.below(bytes.length), bytes.length)
      else bytes.fill(random.below(256), at, Math.min(at + random.below(64), bytes.length))
    }
    const { facts } = await inspectHostile(bytes, `round ${round}`)
    if (facts.signatureVerified === true) assert.equal(facts.package, 'com.example.built', `round ${round}`)
  }
})

test('packages cut off anywhere are answered and never sound', async () => {
  const bytes = buildApk({ v2: [{ key: a }], v3: [{ key: a }] })
  for (let length = 0; length < bytes.length; length += 37) {
    const { sound } = await inspectHostile(bytes.subarray(0, length), `${length} bytes`)
    assert.equal(sound, false)
  }
})

test('manifests with any four bytes overwritten are answered', async () => {
  const manifest = buildAxml(manifestElement({}))
  for (let at = 0; at < manifest.length; at += 6) {
    for (const value of [0, 0xffffffff]) {
      const changed = Buffer.from(manifest)
      changed.writeUInt32LE(value, Math.min(at, changed.length - 4))
      const { sound, facts } = await inspectHostile(
        buildApk({ manifest: changed, v2: [{ key: a }] }),
        `${at}`,
      )
      assert.ok(!sound || facts.package !== undefined)
    }
  }
})

const deflated = (content: Uint8Array, name: string): ZipSpec => ({
  name,
  content,
  data: deflateRawSync(content, { level: 1 }),
})

/** A document of `count` copies of a chunk between root and end. */
function repeatedChunk(element: Uint8Array, count: number): Uint8Array {
  const root = chunk(
    0x0102,
    Buffer.concat([words(0xffffffff, 0), Buffer.from([20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0])]),
    words(1, 0),
  )
  const pool = stringPool(['manifest', 'uses-sdk', 'uses-permission', 'x'.repeat(60_000)])
  return chunk(0x0003, Buffer.concat([pool, root, ...Array.from({ length: count }, () => element)]))
}

const element = (name: number, attributeBytes: Uint8Array, count: number, size = 20): Uint8Array => {
  const sizes = Buffer.from([20, 0, size, 0, count & 0xff, count >> 8, 0, 0, 0, 0, 0, 0])
  const start = chunk(0x0102, Buffer.concat([words(0xffffffff, name), sizes, attributeBytes]), words(1, 0))
  return Buffer.concat([start, chunk(0x0103, words(0xffffffff, name), words(1, 0))])
}
const attribute = Buffer.concat([words(0xffffffff, 3, 3), Buffer.from([8, 0, 0, 3]), words(3)])

const expensive: readonly (readonly [string, () => ApkSpec])[] = [
  [
    'a manifest of a hundred thousand elements',
    () => ({ manifest: repeatedChunk(element(1, new Uint8Array(0), 0), 110_000) }),
  ],
  [
    'a manifest of elements with all the attributes there can be',
    () => ({ manifest: repeatedChunk(element(1, Buffer.alloc(65_000 * 20, attribute), 65_000), 6) }),
  ],
  [
    'attributes that take no bytes',
    () => ({ manifest: repeatedChunk(element(1, new Uint8Array(0), 65_535, 0), 5000) }),
  ],
  [
    'a thousand permissions of sixty thousand letters',
    () => ({ manifest: repeatedChunk(element(2, attribute, 1), 1000) }),
  ],
  ['a manifest beyond its bound', () => ({ entries: [], manifest: Buffer.alloc(9 * 1024 ** 2) })],
  [
    'resources that unpack to a thousand times their size',
    () => ({ entries: [deflated(Buffer.alloc(60 * 1024 ** 2), 'resources.arsc')] }),
  ],
  [
    'resources of twenty thousand configurations',
    () => ({
      entries: [deflated(manyConfigurations(20_000), 'resources.arsc')],
      manifest: { application: { label: { reference: 0x7f010000 } } },
    }),
  ],
  [
    'ten thousand entries',
    () => ({
      manifest: { minSdk: 18 },
      v1: [{ key: a }],
      entries: Array.from({ length: 10_000 }, (_, index) => ({
        name: `assets/${index}`,
        content: `${index}`,
      })),
    }),
  ],
  [
    'ten thousand unaligned entries',
    () => ({
      entries: Array.from({ length: 10_000 }, (_, index) => ({
        name: `assets/${index}`,
        content: 'odd',
        method: 'stored' as const,
      })),
    }),
  ],
  ['a chain of fillers', () => ({ zip: { prefix: Buffer.alloc(30 * 50_000, filler()) } })],
  [
    'three hundred thousand pairs in a signing block',
    () => ({ pairs: () => Array.from({ length: 300_000 }, (_, id) => ({ id, value: new Uint8Array(0) })) }),
  ],
  [
    'a million empty signers in a scheme',
    () => ({ pairs: () => [{ id: 0x7109871a, value: prefixed(Buffer.alloc(4_000_000)) }] }),
  ],
  [
    'a lineage of fifty steps',
    () => ({
      manifest: { minSdk: 28 },
      v3: [
        {
          key: a,
          attributes: [
            attributes.lineage(Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? a : b))),
          ],
        },
      ],
    }),
  ],
  [
    'a JAR manifest of one endless attribute',
    () => ({
      manifest: { minSdk: 18 },
      v1: [{ key: a }],
      rewriteJarManifest: (text) => text + ' x\r\n'.repeat(500_000),
    }),
  ],
  [
    'a JAR manifest of half a million sections',
    () => ({
      manifest: { minSdk: 18 },
      v1: [{ key: a }],
      rewriteJarManifest: (text) => text + 'X\r\n\r\n'.repeat(500_000),
    }),
  ],
  [
    'a signature block of nested values',
    () => ({
      manifest: { minSdk: 18 },
      v1: [{ key: a }],
      unsignedEntries: [
        { name: 'META-INF/X.RSA', content: Buffer.alloc(1_000_000, Buffer.of(0x30, 0x80)) },
        { name: 'META-INF/X.SF', content: 'x' },
      ],
    }),
  ],
]

function filler(): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  return header
}

function manyConfigurations(count: number): Uint8Array {
  const one = Buffer.from(buildArsc([[{ value: 'x' }]]))
  const type = chunk(
    0x0201,
    Buffer.concat([words(0), Buffer.alloc(16)]),
    Buffer.concat([Buffer.of(1, 0, 0, 0), words(1, 88), Buffer.alloc(64)]),
  )
  const header = Buffer.concat([words(0x7f), Buffer.alloc(256), words(0, 0, 0, 0, 0)])
  const pool = one.subarray(12, 12 + one.readUInt32LE(16))
  const types = Buffer.concat(Array.from({ length: count }, () => type))
  return chunk(0x0002, Buffer.concat([pool, chunk(0x0200, types, header)]), words(1))
}

for (const [title, spec] of expensive) {
  test(`${title} are answered soon`, async () => {
    const built = spec()
    const bytes = buildApk(
      built.v1 === undefined && built.v3 === undefined && built.pairs === undefined
        ? { ...built, v2: [{ key: a }] }
        : built,
    )
    await inspectHostile(bytes, title)
  })
}

test('what inspections leave behind does not grow', async () => {
  const bytes = buildApk({
    v2: [{ key: a }],
    entries: [{ name: 'big', content: Buffer.alloc(8 * 1024 ** 2, 1), method: 'stored' }],
  })
  const collect = globalThis.gc
  await apk.inspect(bytesReader(bytes))
  collect?.()
  const before = process.memoryUsage()
  for (let round = 0; round < 20; round++) await apk.inspect(bytesReader(bytes))
  collect?.()
  const after = process.memoryUsage()
  const grown = after.heapUsed + after.external - before.heapUsed - before.external
  assert.ok(grown < 64 * 1024 ** 2, `${grown} bytes`)
})
