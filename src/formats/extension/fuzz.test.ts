import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildExtension, buildPng } from '../../../test/helpers/extension-builder.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { inspect } from '../index.ts'

/** A small generator with a seed (mulberry32): every run of the test is the same. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof randomNumbers>
type Mutation = (bytes: Buffer, random: Random) => Buffer

const extremes = [0, 1, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff]
const signatures = ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07', 'PK\x07\x08']

/** Where a record of some kind starts, so that its numbers can be made to lie. */
function anyRecord(bytes: Buffer, random: Random): number {
  const found: number[] = []
  for (const signature of signatures) {
    for (
      let at = bytes.indexOf(signature, 0, 'latin1');
      at >= 0;
      at = bytes.indexOf(signature, at + 1, 'latin1')
    ) {
      found.push(at)
    }
  }
  return found[random(found.length || 1)] ?? 0
}

const mutations: Readonly<Record<string, Mutation>> = {
  'flipped bits': (bytes, random) => {
    for (let count = random(8) + 1; count > 0; count -= 1) {
      const at = random(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8))
    }
    return bytes
  },
  'cut off': (bytes, random) => bytes.subarray(0, random(bytes.length)),
  beheaded: (bytes, random) => bytes.subarray(random(bytes.length)),
  'a piece moved': (bytes, random) => {
    const from = random(bytes.length)
    const piece = Buffer.from(bytes.subarray(from, from + random(200)))
    const to = random(bytes.length)
    return Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to + random(200))])
  },
  'a record that lies': (bytes, random) => {
    for (let count = random(3) + 1; count > 0; count -= 1) {
      const at = anyRecord(bytes, random) + 4 + random(42)
      const value = extremes[random(extremes.length)] ?? 0
      const width = random(2) === 0 ? 2 : 4
      if (at + width <= bytes.length) bytes.writeUIntLE(width === 2 ? value & 0xffff : value, at, width)
    }
    return bytes
  },
  'a record twice': (bytes, random) => {
    const at = anyRecord(bytes, random)
    return Buffer.concat([bytes, bytes.subarray(at, at + 60 + random(300))])
  },
  'random bytes': (bytes, random) => {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = random(256)
    return bytes
  },
}

const translated = {
  manifest: { name: '__MSG_name__', description: '__MSG_d__', side_panel: { default_path: 'popup.html' } },
  locales: { en: { name: 'Name', d: 'Text' }, de: { name: 'Name' } },
}
const seeds: readonly Uint8Array[] = [
  buildExtension(),
  buildExtension({ ...translated, folder: 'x' }),
  buildExtension({ ...translated, zip: { zip64: true, comment: Buffer.from('hello') } }),
  buildExtension({
    entries: [
      { name: 'wide', content: 'x', descriptor: 'wide', zip64: true },
      { name: 'stored', content: 'y', method: 'stored', align: 64 },
      { name: 'link', content: 'z', unixMode: 0o120777 },
      { name: 'large', content: Buffer.alloc(5_000_000) },
    ],
  }),
  buildZip({}),
]

/** Milliseconds of processor time, which a busy machine does not stretch. */
const slowest = 2000
const mostGrowth = 256 * 1024 ** 2

async function inspectHostile(bytes: Uint8Array, title: string): Promise<void> {
  const started = process.cpuUsage()
  const inspection = await inspect(bytesReader(bytes), { name: 'a.zip' }).catch((error: unknown) => {
    throw new Error(`${title}: it threw`, { cause: error })
  })
  assert.equal(inspection.format, 'extension')
  const isSound = inspection.findings.every(({ severity }) => severity !== 'error')
  assert.equal(inspection.sound, isSound, title)
  assert.ok(inspection.findings.length < 300, title)
  for (const { message, code } of inspection.findings) assert.ok(message.length < 1500, code)
  assert.doesNotThrow(() => structuredClone(inspection), title)
  const { user, system } = process.cpuUsage(started)
  const took = (user + system) / 1000
  assert.ok(took < slowest, `${title}: ${took} ms`)
}

test('damaged packages are always judged, quickly and in bounded memory', { timeout: 60_000 }, async () => {
  const random = randomNumbers(20_260_101)
  const before = process.memoryUsage.rss()
  let cases = 0
  const names = Object.keys(mutations)
  const deadline = performance.now() + 6000
  while (cases < 3000 && performance.now() < deadline) {
    const name = names[random(names.length)] ?? ''
    const seed = random(seeds.length)
    const mutate = mutations[name]
    const original = seeds[seed]
    if (mutate === undefined || original === undefined) continue
    await inspectHostile(mutate(Buffer.from(original), random), `case ${cases}, ${name} of seed ${seed}`)
    cases += 1
  }
  assert.ok(cases >= 500, `only ${cases} cases in the time given`)
  const growth = process.memoryUsage.rss() - before
  assert.ok(growth < mostGrowth, `the memory grew by ${growth} bytes`)
})

/** A JSON value of random shape: the manifest as an attacker who knows its keys would write it. */
function randomValue(random: Random, depth: number): unknown {
  const words = [
    '',
    'x.js',
    '/',
    '..',
    '__MSG_a__',
    '__MSG_',
    '<all_urls>',
    '*',
    '1.0',
    '\0',
    '😀'.repeat(100),
    '%',
    '%zz',
  ]
  const word = () => words[random(words.length)]
  switch (random(depth > 3 ? 5 : 8)) {
    case 0:
      return null
    case 1:
      return random(2) === 0
    case 2:
      return [0, -1, 2, 3, 1e300, 0.5][random(6)]
    case 3:
    case 4:
      return word()
    case 5:
      return Array.from({ length: random(4) }, () => randomValue(random, depth + 1))
    default: {
      const keys = [
        'js',
        'css',
        'matches',
        'resources',
        'path',
        'page',
        'pages',
        'scripts',
        'images',
        '128',
        '__proto__',
      ]
      const object: Record<string, unknown> = Object.create(null)
      for (let count = random(4); count > 0; count -= 1) {
        object[keys[random(keys.length)] ?? ''] = randomValue(random, depth + 1)
      }
      return object
    }
  }
}

const manifestKeys = `action app background browser_action chrome_url_overrides commands content_scripts
  declarative_net_request default_locale description devtools_page homepage_url host_permissions icons key
  manifest_version minimum_chrome_version name nacl_modules omnibox optional_permissions options_page options_ui
  page_action permissions sandbox short_name side_panel storage theme update_url user_scripts version version_name
  web_accessible_resources constructor __proto__ toString`.split(/\s+/)

test('manifests with any value under any key are always judged', { timeout: 60_000 }, async () => {
  const random = randomNumbers(7)
  for (let round = 0; round < 1000; round += 1) {
    const manifest: Record<string, unknown> = Object.create(null)
    for (let count = random(12) + 1; count > 0; count -= 1) {
      manifest[manifestKeys[random(manifestKeys.length)] ?? ''] = randomValue(random, 0)
    }
    const messages = JSON.stringify(randomValue(random, 0))
    const bytes = buildZip({
      'manifest.json': JSON.stringify(manifest),
      '_locales/en/messages.json': messages,
      'x.js': '',
    })
    await inspectHostile(bytes, `round ${round}: ${JSON.stringify(manifest)}`)
  }
})

const hostileTexts: Readonly<Record<string, string>> = {
  'a hundred thousand brackets': '['.repeat(100_000),
  'a deep manifest': `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  'half a million slashes': '/'.repeat(500_000),
  'comments without end': '/*'.repeat(250_000),
  'quotes without end': '"\\'.repeat(250_000),
  'references to messages without end': `{"name":"${'__MSG_'.repeat(150_000)}"}`,
  'underscores without end': `{"name":"__MSG_${'_'.repeat(900_000)}"}`,
  'dollars without end': `{"name":"${'$a'.repeat(450_000)}"}`,
  'dots without end': `{"version":"${'1.'.repeat(100_000)}","options_page":"${'../'.repeat(200_000)}"}`,
  'a hundred thousand content scripts': `{"content_scripts":[${'{},'.repeat(100_000)}{}]}`,
  'sixty thousand icons': `{"icons":{${Array.from({ length: 60_000 }, (_, i) => `"${i}":"i.png"`).join(',')}}}`,
  'a hundred thousand references': `{"web_accessible_resources":[${Array.from({ length: 100_000 }, (_, i) => `"${i}"`).join(',')}]}`,
}

for (const [title, text] of Object.entries(hostileTexts)) {
  test(`${title} in the manifest are judged quickly`, async () => {
    await inspectHostile(buildZip({ 'manifest.json': text, 'i.png': buildPng(16) }), title)
  })
}
