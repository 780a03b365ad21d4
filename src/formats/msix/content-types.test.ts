import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContentTypes } from './content-types.ts'
import type { MsixCode } from './findings.ts'

async function read(
  inside: string,
  root = 'Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"',
) {
  const codes: MsixCode[] = []
  const [name = ''] = root.split(' ')
  async function* chunks() {
    yield Buffer.from(`<${root}>${inside}</${name}>`)
  }
  const types = await readContentTypes(chunks(), (code) => codes.push(code))
  return { types, codes }
}

test('an override beats the default of the extension, letter case aside', async () => {
  const { types, codes } = await read(
    '<Default Extension="PNG" ContentType="image/png"/><Override PartName="/A/Logo.png" ContentType="x/y"/>',
  )
  assert.deepEqual(codes, [])
  assert.equal(types?.of('b/logo.Png'), 'image/png')
  assert.equal(types?.of('a/LOGO.png'), 'x/y')
  assert.equal(types?.of('a/logo'), undefined)
  assert.equal(types?.of('a.png/logo'), undefined)
})

test('doubled, nameless and foreign elements are said', async () => {
  const one = '<Default Extension="a" ContentType="b/c"/>'
  for (const inside of [
    one + one,
    '<Override PartName="/a" ContentType="b/c"/><Override PartName="/A" ContentType="b/c"/>',
    '<Default Extension="a"/>',
    '<Default ContentType="b/c"/>',
    '<Override PartName="/a" ContentType="none"/>',
    '<Other/>',
  ]) {
    assert.deepEqual((await read(inside)).codes, ['msix-content-types-invalid'], inside)
  }
})

test('another root is no list of types', async () => {
  for (const root of [
    'Types',
    'Types xmlns="urn:x"',
    'Other xmlns="http://schemas.openxmlformats.org/package/2006/content-types"',
  ]) {
    const { types, codes } = await read('', root)
    assert.equal(types, undefined)
    assert.deepEqual(codes, ['msix-xml-root'])
  }
})
