import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { modelsOf, parseInf } from './inf.ts'

const folder = fileURLToPath(new URL('../../../../shared/fixtures/inf/', import.meta.url))
const missing = `shared/fixtures/inf not found beside the project: ${folder} not checked`

const corpus = () => readdirSync(folder).map((name) => ({ name, inf: parseInf(readFileSync(folder + name)) }))

test('every INF file and template of the corpus is read: class, provider, version, models', (t) => {
  if (!existsSync(folder)) return t.skip(missing)
  let versions = 0
  for (const { name, inf } of corpus()) {
    assert.equal(inf.isWhole, true, name)
    assert.deepEqual(
      inf.problems.filter(({ what }) => what !== 'outside'),
      [],
      name,
    )
    const { version } = inf
    // An AutoRun file has the same syntax and is no driver.
    if (!version.isPresent) {
      assert.ok(inf.has('AutoRun'), name)
      continue
    }
    assert.match(version.signature ?? '', /^\$(?:windows nt|chicago)\$$/i, name)
    assert.match(version.class ?? '', /^\w+$/, name)
    assert.match(version.classGuid ?? '', /^\{[0-9a-f-]{36}\}$/i, name)
    assert.ok(version.provider !== null && !version.provider.includes('%'), name)
    assert.match(Object.values(version.catalogFiles).join(), /^[\w-]+\.cat$/i, name)
    if (version.driverVer === null) continue
    versions += 1
    assert.match(version.driverDate ?? '', /^\d{4}-\d{2}-\d{2}$/, name)
    assert.match(version.driverVersion ?? '', /^\d+\.\d+\.\d+\.\d+$/, name)
  }
  assert.ok(versions > 50)
})

test('every device of the corpus has a description, a maker, hardware ids and an install section', (t) => {
  if (!existsSync(folder)) return t.skip(missing)
  let devices = 0
  for (const { name, inf } of corpus()) {
    const models = modelsOf(inf)
    const isPrimitive = inf.sectionNames.some((section) => /^defaultinstall/i.test(section))
    if (inf.version.isPresent) assert.ok(models.length > 0 || isPrimitive, name)
    for (const model of models) {
      devices += 1
      assert.ok(!/^$|%/.test(model.description), `${name}: ${model.description}`)
      assert.ok(!/^$|%/.test(model.manufacturer), `${name}: ${model.manufacturer}`)
      assert.ok(model.hardwareIds.length > 0, name)
      assert.ok(
        inf.sectionNames.some((section) =>
          section.toLowerCase().startsWith(model.installSection.toLowerCase()),
        ),
        `${name}: [${model.installSection}]`,
      )
    }
  }
  assert.ok(devices > 80)
})
