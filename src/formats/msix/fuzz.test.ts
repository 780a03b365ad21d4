import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBundle, buildMsix, buildUpload, manifestXml } from '../../../test/helpers/msix-builder.ts'
import { makeMsixSigner } from '../../../test/helpers/msix-signer.ts'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import { bytesReader } from '../bytes-reader.ts'
import type { Inspection } from '../types.ts'
import { msix } from './index.ts'

const signer = await makeMsixSigner()
/** Of processor time, which a busy machine does not stretch. */
const mostMicroseconds = 2_000_000

/** Whatever the bytes are, there is an inspection that makes sense, in time. */
async function inspect(bytes: Uint8Array, what: string): Promise<Inspection> {
  const start = process.cpuUsage()
  const inspection = await msix.inspect(bytesReader(bytes))
  const { user, system } = process.cpuUsage(start)
  assert.ok(user + system < mostMicroseconds, `${what} took ${user + system} µs of processor time`)
  assert.equal(inspection.format, 'msix')
  const hasError = inspection.findings.some(({ severity }) => severity === 'error')
  assert.equal(inspection.sound, !hasError, what)
  assert.deepEqual(JSON.parse(JSON.stringify(inspection.facts)), inspection.facts, what)
  assert.ok(inspection.findings.length < 2000, what)
  return inspection
}

const signed = buildMsix({ signer, catalog: 'catalog' })
const bundle = buildBundle({ signer })

test('random bytes, with and without the beginning of an archive', async () => {
  const random = seededRandom(1)
  for (let index = 0; index < 100; index += 1) {
    const bytes = Buffer.from(random.bytes(random.below(2000)))
    if (index % 2 === 0) Buffer.from('PK\u0003\u0004').copy(bytes)
    assert.equal((await inspect(bytes, `random ${index}`)).sound, false)
  }
})

for (const [kind, sound, rounds] of [
  ['package', signed, 120],
  ['bundle', bundle, 50],
  ['upload', buildUpload({ 'a.msixbundle': bundle }, true), 50],
] as const) {
  test(`a signed ${kind} with a few bytes changed is never taken for the signed one`, async () => {
    const original = await inspect(sound, 'the original')
    assert.equal(original.sound, true)
    // The signature can't cover its own entry's date and attributes, nor an upload the ZIP around it.
    const covered = kind === 'upload' ? 0 : Buffer.from(sound).indexOf('AppxSignature.p7x') - 30
    const random = seededRandom(17)
    for (let round = 0; round < rounds; round += 1) {
      const bytes = Buffer.from(sound)
      const within = round % 2 === 0 && covered > 0 ? covered : bytes.length
      for (let count = 1 + random.below(3); count > 0; count -= 1) {
        const at = random.below(within)
        bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255))
      }
      const { sound: stillSound, findings } = await inspect(bytes, `${kind} ${round}`)
      if (within === covered && !bytes.equals(sound)) {
        assert.equal(stillSound, false, `${kind} ${round}: ${JSON.stringify(findings)}`)
      }
    }
  })

  test(`a ${kind} that is cut off anywhere is not sound`, async () => {
    const random = seededRandom(23)
    for (let round = 0; round < 60; round += 1) {
      const length = random.below(sound.length)
      assert.equal((await inspect(sound.subarray(0, length), `${kind} of ${length} bytes`)).sound, false)
    }
  })
}

test('manifests with pieces moved, doubled and removed', async () => {
  const xml = manifestXml({ languages: ['en', 'de'], scales: ['100'] })
  const pieces = xml.split(/(?=[<" ])/)
  const random = seededRandom(31)
  for (let round = 0; round < 120; round += 1) {
    const changed = [...pieces]
    for (let count = 1 + random.below(4); count > 0; count -= 1) {
      const at = random.below(changed.length)
      const piece = changed[random.below(changed.length)] ?? ''
      changed.splice(at, random.below(3), ...(random.below(2) === 0 ? [] : [piece]))
    }
    await inspect(buildMsix({ manifest: () => changed.join('') }), `manifest ${round}`)
  }
})

const hostile: readonly [title: string, build: () => Uint8Array][] = [
  [
    'a manifest of a hundred thousand elements',
    () =>
      buildMsix({
        manifest: (xml) =>
          xml.replace('<Resources>', `<Resources>${'<Resource Language="de"/>'.repeat(100_000)}`),
      }),
  ],
  [
    'a manifest of a hundred thousand attributes',
    () =>
      buildMsix({
        manifest: (xml) =>
          xml.replace(
            '<Properties>',
            `<Properties ${Array.from({ length: 100_000 }, (_, index) => `a${index}=""`).join(' ')}>`,
          ),
      }),
  ],
  ['a manifest nested a hundred thousand deep', () => buildMsix({ manifest: () => '<a>'.repeat(100_000) })],
  [
    'a manifest of entities',
    () =>
      buildMsix({
        manifest: (xml) =>
          xml.replace(
            '<Package',
            `<!DOCTYPE a [<!ENTITY a "${'&b;'.repeat(1000)}"><!ENTITY b "${'x'.repeat(1000)}">]><Package`,
          ),
      }),
  ],
  [
    'a publisher of a million quotes',
    () =>
      buildMsix({
        manifest: (xml) => xml.replace(/Publisher="[^"]*"/, `Publisher="CN=${'&quot;'.repeat(1_000_000)}"`),
      }),
  ],
  [
    'a block map of a hundred thousand files',
    () =>
      buildMsix({
        blockMap: (xml) =>
          xml.replace(
            '<File ',
            `${Array.from({ length: 99_000 }, (_, index) => `<File Name="${index}" Size="0"/>`).join('')}<File `,
          ),
      }),
  ],
  ['fifty megabytes of nothing', () => buildMsix({ files: { 'App.exe': Buffer.alloc(50 * 1024 ** 2) } })],
  [
    'ten thousand files',
    () =>
      buildMsix({
        files: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${index}.txt`, ''])),
      }),
  ],
]

for (const [title, build] of hostile) {
  test(`${title} cost neither much time nor much memory`, async () => {
    const bytes = build()
    const before = process.memoryUsage().rss
    await inspect(bytes, title)
    assert.ok(process.memoryUsage().rss - before < 250 * 1024 ** 2)
  })
}
