import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildMszipCab } from '../../../test/helpers/cab-builder.ts'
import { driverFolder } from '../../../test/helpers/inf-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { driver } from './index.ts'

const fixtures = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url))
const missing = `shared/fixtures not found beside the project: ${fixtures}cab and inf not checked as drivers`

test('no cabinet of the corpus is a sound driver package: none is signed', async (t) => {
  if (!existsSync(`${fixtures}cab`)) return t.skip(missing)
  for (const name of readdirSync(`${fixtures}cab`)) {
    const { format, sound } = await driver.inspect(bytesReader(readFileSync(`${fixtures}cab/${name}`)))
    assert.deepEqual([format, sound], ['driver', false], name)
  }
})

test('templates of the corpus in a driver folder are told to be stamped, finished files are not', async (t) => {
  if (!existsSync(`${fixtures}inf`)) return t.skip(missing)
  for (const name of readdirSync(`${fixtures}inf`)) {
    const bytes = readFileSync(`${fixtures}inf/${name}`)
    const cab = buildMszipCab({
      ...driverFolder('Other', 'other'),
      [`Echo\\${name.replace(/x$/, 'f')}`]: bytes,
    })
    const { findings, facts } = await driver.inspect(bytesReader(cab))
    const codes = findings.map(({ code }) => code)
    assert.equal((facts.drivers as unknown[]).length, 2, name)
    assert.ok(!codes.includes('driver-inf-decoration'), name)
    const text = bytes.toString(bytes[0] === 0xff ? 'utf16le' : 'latin1')
    const lines = text.split(/\r?\n/).map((line) => line.replace(/;.*/, ''))
    const isTemplate = lines.some((line) => /^\[.*\$ARCH\$|NT\$ARCH\$|LibraryVersion.*\$/i.test(line))
    assert.equal(codes.includes('driver-inf-template'), isTemplate, name)
  }
})
