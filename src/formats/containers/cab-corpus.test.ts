import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bytesReader } from '../bytes-reader.ts'
import { openCab } from './cab.ts'

const fixtures = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url))
const missing = `shared/fixtures/cab not found beside the project: ${fixtures}cab not checked`

/** file, accept or reject, and the last line of what cabextract printed. */
function expectations(): [string, string, string][] {
  const lines = readFileSync(`${fixtures}cab.expected.tsv`, 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.split('\t') as [string, string, string])
}

async function unpack(file: string) {
  const cabinet = await openCab(bytesReader(readFileSync(`${fixtures}cab/${file}`)))
  const hashes = new Map(cabinet.files.map((entry) => [entry, createHash('md5')]))
  const sums = new Map<string, string>()
  const found = await cabinet.readFolders({
    data: (entry, chunk) => hashes.get(entry)?.update(chunk),
    end: (entry) => sums.set(entry.path, hashes.get(entry)?.digest('hex') ?? ''),
  })
  return { cabinet, sums, findings: [...cabinet.findings, ...found] }
}

test('every cabinet of the corpus is accepted or refused as cabextract does', async (t) => {
  if (!existsSync(`${fixtures}cab.expected.tsv`)) return t.skip(missing)
  let settled = 0
  for (const [file, verdict, line] of expectations()) {
    const { cabinet, sums, findings } = await unpack(file)
    const errors = findings.filter((finding) => finding.severity === 'error').map((finding) => finding.code)
    if (cabinet.isMultiVolume) {
      // The verdicts on sets were given with the other members at hand; one member alone is refused by design.
      assert.ok(errors.includes('cab-multi-volume'), file)
      continue
    }
    settled += 1
    if (verdict === 'reject') {
      assert.notDeepEqual(errors, [], `${file} is refused`)
      continue
    }
    assert.deepEqual(errors, [], `${file} is accepted`)
    assert.equal(sums.size, cabinet.files.length, `${file}: every file is read`)
    const [, path, md5] = /^ {2}(\S.*?) {2}OK +([0-9a-f]{32})$/.exec(line) ?? []
    if (path !== undefined && cabinet.files.every((entry) => !/[^ -~]/.test(entry.name))) {
      assert.equal(sums.get(path), md5, `${file}: ${path}`)
    }
  }
  assert.ok(settled >= 20)
})

test('the corpus is read in little memory', async (t) => {
  if (!existsSync(`${fixtures}cab`)) return t.skip(missing)
  const script = `
    import { readdirSync, readFileSync } from 'node:fs'
    import { openCab } from ${JSON.stringify(new URL('./cab.ts', import.meta.url).href)}
    import { bytesReader } from ${JSON.stringify(new URL('../bytes-reader.ts', import.meta.url).href)}
    for (const file of readdirSync('.')) {
      const cabinet = await openCab(bytesReader(readFileSync(file)))
      await cabinet.readFolders({ data() {}, end() {} })
    }
    console.log(process.resourceUsage().maxRSS)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: `${fixtures}cab`,
    timeout: 20_000,
  })
  assert.ok(Number(stdout) < 128 * 1024, `${stdout.trim()} KiB`)
})

test('every file of the corpus is named in its table of verdicts', (t) => {
  if (!existsSync(`${fixtures}cab`)) return t.skip(missing)
  const named = new Set(expectations().map(([file]) => file))
  assert.deepEqual(
    readdirSync(`${fixtures}cab`).filter((file) => !named.has(file)),
    [],
  )
})
