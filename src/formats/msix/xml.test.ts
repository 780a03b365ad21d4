import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MsixCode, Say } from './findings.ts'
import { attribute, childrenNamed, parseXml, streamXml } from './xml.ts'

function listener(): { say: Say; codes: MsixCode[] } {
  const codes: MsixCode[] = []
  return { codes, say: (code) => codes.push(code) }
}

const parse = (text: string | Uint8Array) => {
  const { say, codes } = listener()
  return { document: parseXml(typeof text === 'string' ? Buffer.from(text) : text, 'a.xml', say), codes }
}

test('elements and attributes carry their namespaces', () => {
  const { document } = parse(
    '<a xmlns="urn:1" xmlns:p="urn:2" x="1" p:x="2"><p:b/><b>te<![CDATA[xt]]></b></a>',
  )
  const root = document?.root
  assert.ok(root)
  assert.equal(attribute(root, 'x'), '1')
  assert.equal(attribute(root, 'x', 'urn:2'), '2')
  assert.deepEqual(root.attributes.length, 2)
  assert.equal(childrenNamed(root, 'b')[0]?.text, 'text')
  assert.equal(childrenNamed(root, 'b', 'urn:2').length, 1)
  assert.equal(document?.prefixes.get('p'), 'urn:2')
})

test('UTF-8 with a mark and both kinds of UTF-16 are read', () => {
  const text = '<?xml version="1.0"?><a>ü</a>'
  const little = Buffer.from(`\ufeff${text}`, 'utf16le')
  for (const bytes of [Buffer.from(`\ufeff${text}`), little, Buffer.from(little).swap16()]) {
    assert.equal(parse(bytes).document?.root.text, 'ü')
  }
})

test('document types, undeclared prefixes, loose ends and wrong bytes are refused', () => {
  const wrong: [string | Uint8Array, MsixCode][] = [
    ['<!DOCTYPE a><a/>', 'msix-xml-doctype'],
    ['<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', 'msix-xml-doctype'],
    ['<a>&e;</a>', 'msix-xml-malformed'],
    ['<p:a/>', 'msix-xml-malformed'],
    ['<a p:x="1"/>', 'msix-xml-malformed'],
    ['<a x="1" x="2"/>', 'msix-xml-malformed'],
    ['<a><b></a>', 'msix-xml-malformed'],
    ['<a/><a/>', 'msix-xml-malformed'],
    ['', 'msix-xml-malformed'],
    ['no xml', 'msix-xml-malformed'],
    [Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]), 'msix-xml-malformed'],
    [Buffer.from([0xff, 0xfe, 0x3c]), 'msix-xml-malformed'],
    ['<a>'.repeat(65), 'msix-xml-malformed'],
    [`<r>${'<a/>'.repeat(250_001)}</r>`, 'msix-xml-malformed'],
  ]
  for (const [text, code] of wrong) {
    const { document, codes } = parse(text)
    assert.equal(document, undefined, String(text).slice(0, 40))
    assert.deepEqual(codes, [code], String(text).slice(0, 40))
  }
})

test('a stream may be cut anywhere, inside of characters too', async () => {
  const bytes = Buffer.from(`\ufeff<a><b n="äöü"/></a>`, 'utf16le')
  const seen: string[] = []
  async function* chunks() {
    for (const byte of bytes) yield Uint8Array.of(byte)
  }
  // One byte is too short for the byte order mark: the first chunk holds it whole.
  async function* from() {
    yield bytes.subarray(0, 3)
    let index = 0
    for await (const chunk of chunks()) if (index++ >= 3) yield chunk
  }
  const { say, codes } = listener()
  const handlers = {
    open(_uri: string, local: string, attributes: readonly { value: string }[], depth: number) {
      seen.push(`${depth} ${local} ${attributes.map(({ value }) => value).join()}`)
    },
  }
  assert.equal(await streamXml(from(), handlers, 'a.xml', say), true)
  assert.deepEqual(seen, ['0 a ', '1 b äöü'])
  assert.deepEqual(codes, [])
})

test('what the source of a stream throws is not taken for bad XML', async () => {
  // biome-ignore lint/correctness/useYield: it fails at once
  async function* broken(): AsyncGenerator<Uint8Array> {
    throw new Error('disk')
  }
  const { say } = listener()
  await assert.rejects(streamXml(broken(), { open() {} }, 'a.xml', say), /disk/)
})
