import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bytesReader } from '../bytes-reader.ts'
import { apk } from './index.ts'

const fixtures = new URL('../../../../shared/fixtures/', import.meta.url)
const expectations = new URL('apk.expected.tsv', fixtures)

/** Packages that verify and are not sound, with the code that says why; docs/formats/apk.md explains each. */
const knownDifferences: Readonly<Record<string, string>> = {
  'fdroid_issue-1128-min-sdk-30-poc.apk': 'apk-signing-block-ambiguous',
}

interface Expectation {
  readonly file: string
  readonly verified: boolean
  readonly certificates: string
  readonly facts: Readonly<Record<string, unknown>>
}

function readExpectations(): Expectation[] {
  const lines = readFileSync(expectations, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const [file = '', verdict, certificates = '', name = '', code, min, target] = line.split('\t')
    const minSdk = Number(min || 1)
    const manifest = {
      package: name,
      versionCode: Number(code),
      minSdk,
      targetSdk: Number(target || minSdk),
    }
    return { file, verified: verdict === 'verifies', certificates, facts: name === '' ? {} : manifest }
  })
}

test('every package of the corpus has the verdict, the signers and the manifest that Android sees', async (t) => {
  if (!existsSync(expectations)) {
    t.skip(`${fileURLToPath(fixtures)} not found beside the project: real and hostile APKs were not checked`)
    return
  }
  const corpus = readExpectations()
  assert.ok(corpus.length > 100)
  for (const { file, verified, certificates, facts } of corpus) {
    await t.test(file, async () => {
      const bytes = readFileSync(new URL(`apk/${file}`, fixtures))
      const inspection = await apk.inspect(bytesReader(bytes))
      const seen = inspection.facts as {
        readonly signatureVerified: boolean
        readonly signers: readonly { readonly sha256: string }[]
        readonly [name: string]: unknown
      }
      const signers = seen.signers.map(({ sha256 }) => sha256)
      assert.equal(seen.signatureVerified, verified)
      assert.equal(signers.sort().join(','), certificates)
      for (const [name, value] of Object.entries(facts)) assert.equal(seen[name], value, name)

      const errors = inspection.findings
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code)
      const difference = knownDifferences[file]
      if (difference === undefined) assert.equal(inspection.sound, verified)
      else assert.deepEqual([...new Set(errors)], [difference])
    })
  }
})

test('the page names every known difference', () => {
  const page = readFileSync(new URL('../../../docs/formats/apk.md', import.meta.url), 'utf8')
  for (const [file, code] of Object.entries(knownDifferences)) {
    assert.match(page, new RegExp(`\\| \`${file}\` \\| \`${code}\``))
  }
})
