import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openFileReader } from '../file-reader.ts'
import { msix } from './index.ts'

/** Reference packages, which are not part of the project, with what a store must make of each. */
const folder = fileURLToPath(new URL('../../../../shared/fixtures/msix/', import.meta.url))
const list = fileURLToPath(new URL('../../../../shared/fixtures/msix.expected.tsv', import.meta.url))

/** What the name of a file that must be refused says about the reason, and the finding that must name it. */
const causes: readonly [name: RegExp, code: string][] = [
  [/Bad_?Namespace/i, 'msix-(?:xml-malformed|xml-root)'],
  [/ContentTypes_in_blockmap/i, 'msix-block-map-footprint'],
  [/Duplicate_file_in_blockmap/i, 'msix-block-map-file-twice'],
  [/Extra_file_in_blockmap/i, 'msix-block-map-extra-file'],
  [/(?:missing|Missing)_.*(?:from|in)_blockmap/i, 'msix-block-map-unlisted-file'],
  [/Size_wrong/i, 'msix-block-map-size'],
  [/Bad_Block/i, 'msix-block-map-(?:hash|invalid|compressed-size)'],
  [/No_?blockmap|BlockMapIsMissing/i, 'msix-block-map-missing'],
  [/^Empty\./i, 'zip-not-a-zip'],
  [/BAD_DIGEST/, 'msix-signature-digest'],
  [/MismatchedPublisher/i, 'msix-signature-publisher'],
  [/bundles_.*ManifestIsMissing/, 'msix-bundle-manifest-missing'],
  [/OnlyResourcePackages/, 'msix-bundle-no-application'],
  [/TwoNeutralAppPackages/, 'msix-bundle-neutral-conflict'],
  [
    /ManifestDeclaresAppPackageForResourcePackage|HasIncorrect(?:Architecture|Name|Publisher|Version)/,
    'msix-bundle-package-differs',
  ],
  [/HasIncorrectSize/, 'msix-bundle-package-size'],
  [/HasInvalidOffset/, 'msix-bundle-package-offset'],
  [/PackageIsCompressed/, 'msix-bundle-package-compressed'],
  [/NotListedInManifest/, 'msix-bundle-package-unlisted'],
]

const skipped =
  existsSync(folder) && existsSync(list)
    ? false
    : `../shared/fixtures/msix not found beside the project: reference packages not checked`

const expected = skipped
  ? []
  : readFileSync(list, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))

test('the reference packages are judged as a store must judge them', { skip: skipped }, async (t) => {
  assert.ok(expected.length > 0)
  assert.deepEqual(readdirSync(folder).sort(), expected.map(([name]) => name).sort())
  for (const [name = '', verdict] of expected) {
    await t.test(`${name}: ${verdict}`, async () => {
      await using reader = await openFileReader(folder + name)
      const { sound, findings, facts } = await msix.inspect(reader)
      const errors = findings.filter(({ severity }) => severity === 'error')
      const told = errors.map(({ code, message, target }) => `${code} ${target}: ${message}`).join('\n')
      assert.equal(sound, errors.length === 0)
      if (verdict === 'accept') {
        assert.equal(sound, true, told)
        assert.equal(typeof facts.familyName, 'string')
      } else if (verdict === 'reject') {
        assert.equal(sound, false)
        const [, code] = causes.find(([pattern]) => pattern.test(name)) ?? []
        assert.ok(code, `no cause is known for ${name}`)
        assert.ok(
          errors.some((each) => new RegExp(`^${code}$`).test(each.code)),
          told,
        )
      }
    })
  }
})

test('packages whose verdict the reference leaves open are judged as the page says', {
  skip: skipped,
}, async () => {
  const verdict = async (name: string) => {
    await using reader = await openFileReader(folder + name)
    return await msix.inspect(reader)
  }
  const late = await verdict('SignatureNotLastPart-ERROR_BAD_FORMAT.appx')
  assert.deepEqual(
    late.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['msix-signature-not-last'],
  )
  const unsigned = await verdict('UnsignedZip64WithCI-APPX_E_MISSING_REQUIRED_FILE.appx')
  assert.equal(unsigned.sound, true)
  assert.ok(unsigned.findings.some(({ code }) => code === 'msix-catalog-unsigned'))
})
