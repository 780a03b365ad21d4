import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/** Files of the engine that decide and do nothing else. */
const pureEngine = [
  'engine/types',
  'engine/errors',
  'engine/lifecycle',
  'engine/store-spec',
  'engine/random',
  'engine/clock',
  'engine/verdict',
  'engine/decide-publication',
]

/** What each layer may import of ours, besides itself: a folder (`x/`) or one file. `docs/architecture.md` explains. */
const allowed: { [layer: string]: readonly string[] } = {
  formats: [],
  'engine (pure)': [...pureEngine, 'formats/types'],
  engine: ['storage/', 'blobs/', 'jobs/', 'formats/'],
  storage: pureEngine,
  blobs: pureEngine,
  jobs: ['storage/', ...pureEngine],
  backup: ['storage/', 'blobs/'],
  protocols: ['engine/index', 'stores/store'],
  stores: ['engine/index', ...pureEngine, 'protocols/', 'formats/', 'stores/store'],
  api: ['engine/index', ...pureEngine, 'protocols/'],
  client: ['api/schema'],
  http: ['engine/index', 'protocols/', 'stores/index', 'stores/store', 'api/'],
  sandbox: ['engine/index', ...pureEngine, 'engine/interference', 'api/'],
  redirect: ['client/', 'sandbox/'],
  cli: [
    'client/',
    'server',
    'backup/',
    'config',
    'formats/',
    'sandbox/',
    'redirect/',
    'stores/index',
    ...pureEngine,
  ],
  config: ['config/'],
  main: ['cli/'],
}

interface Import {
  readonly from: string
  readonly to: string
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .sort()

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|^import '([^']+)'/g,
  )
  return [...found].map((match) => ({ from: file, to: match[1] ?? match[2] ?? match[3] ?? '' }))
}

function layerOf(file: string): string {
  const name = file.replace(/\.ts$/, '')
  if (pureEngine.includes(name)) return 'engine (pure)'
  return name.split('/')[0] ?? name
}

const imports = files.flatMap(importsOf)
const ours = imports.filter(({ to }) => to.startsWith('.'))
const foreign = imports.filter(({ to }) => !to.startsWith('.'))

test('every import follows the table of layers', () => {
  const wrong: string[] = []
  for (const { from, to } of ours) {
    const layer = layerOf(from)
    if (layer === 'server') continue
    const target = relative(src, resolve(join(src, dirname(from)), to)).replace(/\.ts$/, '')
    if (target.startsWith('..')) continue
    const own = layer === 'engine (pure)' ? false : sameLayer(from, target)
    const may = allowed[layer]
    assert.ok(may, `${from}: the layer '${layer}' is not in the table`)
    const ok = own || may.some((one) => (one.endsWith('/') ? target.startsWith(one) : target === one))
    if (!ok) wrong.push(`${from} imports ${target}`)
  }
  assert.deepEqual(wrong, [])
})

/** A store is a layer of its own: it never imports another one. */
function sameLayer(from: string, target: string): boolean {
  const [layer, store] = from.split('/')
  if (layer !== 'stores') return target.startsWith(`${layer}/`)
  return from === 'stores/index.ts' ? target.startsWith('stores/') : target.startsWith(`stores/${store}/`)
}

test('imports of ours end in .ts and none is a default import', () => {
  for (const { from, to } of ours) {
    assert.match(to, /\.(ts|json)$/, `${from} imports ${to}`)
  }
  for (const file of files) {
    assert.doesNotMatch(readFileSync(join(src, file), 'utf8'), /^export default/m, file)
  }
})

test('what the product imports are its dependencies, and every dependency is imported and justified', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: { [name: string]: string }
  }
  const used = new Set<string>()
  for (const { from, to } of foreign) {
    if (to.startsWith('node:')) continue
    assert.ok(!builtinModules.includes(to), `${from} imports ${to} without node:`)
    const name = to
      .split('/')
      .slice(0, to.startsWith('@') ? 2 : 1)
      .join('/')
    assert.ok(dependencies[name], `${from} imports ${name}, which is no dependency`)
    used.add(name)
  }
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  for (const name of Object.keys(dependencies)) {
    assert.ok(used.has(name), `${name} is a dependency and nothing imports it`)
    assert.ok(page.includes(`\`${name}\``), `docs/architecture.md does not say why ${name} is a dependency`)
  }
})

test('no file is over 500 lines, and no folder is a bag', () => {
  for (const file of files) {
    const lines = readFileSync(join(src, file), 'utf8').split('\n').length
    assert.ok(lines <= 500, `${file} has ${lines} lines`)
    assert.doesNotMatch(file, /(^|\/)(utils?|helpers?|common|misc|lib)(\/|\.ts$)/)
  }
})

test('only config.ts reads the environment', () => {
  for (const file of files) {
    if (file === 'config.ts') continue
    assert.doesNotMatch(readFileSync(join(src, file), 'utf8'), /process\.env\b/, file)
  }
})

test('no transaction function of storage is called without a transaction: the handle exists nowhere else', () => {
  for (const file of files) {
    if (file.startsWith('storage/')) continue
    assert.doesNotMatch(readFileSync(join(src, file), 'utf8'), /from 'kysely'/, file)
  }
})
