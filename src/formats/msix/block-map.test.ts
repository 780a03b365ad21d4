import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../types.ts'
import { readBlockMap } from './block-map.ts'
import type { MsixCode } from './findings.ts'

const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
const hash = Buffer.alloc(32, 7).toString('base64')

async function read(inside: string, method = sha256, limits = defaultLimits) {
  const codes: MsixCode[] = []
  const namespaces =
    'xmlns="http://schemas.microsoft.com/appx/2010/blockmap" xmlns:b4="http://schemas.microsoft.com/appx/2021/blockmap"'
  const text = `<BlockMap ${namespaces} IgnorableNamespaces="b4" HashMethod="${method}">${inside}</BlockMap>`
  async function* chunks() {
    for (let at = 0; at < text.length; at += 9999) yield Buffer.from(text.slice(at, at + 9999))
  }
  const map = await readBlockMap(chunks(), limits, (code) => codes.push(code))
  return { map, codes }
}

test('files and blocks are read, with the hash of the whole file where there is one', async () => {
  const block = (fill: number) => Buffer.alloc(32, fill).toString('base64')
  const { map, codes } = await read(
    `<File Name="A\\b.dll" Size="70000" LfhSize="37"><Block Hash="${block(1)}" Size="99"/><Block Hash="${block(2)}"/>` +
      `<b4:FileHash Hash="${block(3)}"/></File><File Name="empty" Size="0"/>`,
  )
  assert.deepEqual(codes, [])
  const file = map?.files.get('a\\b.dll')
  assert.ok(file)
  assert.deepEqual(
    { name: file.name, size: file.size, headerSize: file.headerSize, blockCount: file.blockCount },
    { name: 'A\\b.dll', size: 70000, headerSize: 37, blockCount: 2 },
  )
  assert.deepEqual([...file.compressedSizes], [99, -1])
  assert.deepEqual(file.hashes, new Uint8Array([...Buffer.alloc(32, 1), ...Buffer.alloc(32, 2)]))
  assert.deepEqual(file.fileHash && [...file.fileHash], [...Buffer.alloc(32, 3)])
  assert.deepEqual([map?.files.get('empty')?.blockCount, map?.files.get('empty')?.headerSize], [0, undefined])
})

test('hashes have the length of their method', async () => {
  for (const [method, name, length] of [
    ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384', 48],
    ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512', 64],
  ] as const) {
    const right = Buffer.alloc(length, 1).toString('base64')
    const sound = await read(`<File Name="a" Size="1"><Block Hash="${right}"/></File>`, method)
    assert.deepEqual([sound.map?.hashName, sound.codes], [name, []])
    const short = await read(`<File Name="a" Size="1"><Block Hash="${hash}"/></File>`, method)
    assert.deepEqual(short.codes, ['msix-block-map-invalid'])
  }
})

test('other hash methods are refused', async () => {
  for (const method of ['', 'sha256', 'http://www.w3.org/2000/09/xmldsig#sha1']) {
    const { map, codes } = await read('<File Name="a" Size="0"/>', method)
    assert.equal(map, undefined)
    assert.deepEqual(codes, ['msix-block-map-hash-method'])
  }
})

test('unusable files and blocks are said', async () => {
  const file = (attributes: string, inside = '') => `<File ${attributes}>${inside}</File>`
  for (const inside of [
    '',
    file('Size="1"'),
    file('Name="" Size="1"'),
    file('Name="a"'),
    file('Name="a" Size="-1"'),
    file('Name="a" Size="1e3"'),
    file('Name="a" Size="99999999999999999999"'),
    file('Name="a" Size="1" LfhSize="0"'),
    file('Name="a" Size="1" LfhSize="x"'),
    file('Name="a" Size="1"', '<Block/>'),
    file('Name="a" Size="1"', '<Block Hash="AA=="/>'),
    file('Name="a" Size="1"', `<Block Hash="${hash.replace(/.$/, '!')}"/>`),
    file('Name="a" Size="1"', `<Block Hash="${hash}" Size="0"/>`),
    file('Name="a" Size="1"', '<Other/>'),
    `${file('Name="a" Size="0"')}<Other/>`,
  ]) {
    assert.deepEqual((await read(inside)).codes, ['msix-block-map-invalid'], inside)
  }
})

test('a file twice, and a file that can not be covered, are said', async () => {
  const twice = await read('<File Name="a\\B" Size="0"/><File Name="A\\b" Size="0"/>')
  assert.deepEqual(twice.codes, ['msix-block-map-file-twice'])
  for (const name of ['[Content_Types].xml', 'AppxBlockMap.xml', 'AppxSignature.p7x']) {
    assert.deepEqual((await read(`<File Name="${name}" Size="0"/>`)).codes, ['msix-block-map-footprint'])
  }
})

test('a map of more files or blocks than a package may have is given up', async () => {
  const limits = { entries: 10, unpackedBytes: 640 * 1024, ratio: 1100 }
  const files = Array.from({ length: 12 }, (_, index) => `<File Name="${index}" Size="0"/>`).join('')
  assert.deepEqual((await read(files, sha256, limits)).codes, ['msix-block-map-invalid'])
  const blocks = `<File Name="a" Size="1">${`<Block Hash="${hash}"/>`.repeat(30)}</File>`
  assert.deepEqual((await read(blocks, sha256, limits)).codes, ['msix-block-map-invalid'])
})

test('the map of two gigabytes takes some forty bytes a block', async () => {
  const blocks = `<Block Hash="${hash}" Size="12345"/>`.repeat(16384)
  const { map, codes } = await read(
    [1, 2].map((each) => `<File Name="${each}" Size="${16384 * 65536}">${blocks}</File>`).join(''),
  )
  assert.deepEqual(codes, [])
  const sizes = [...(map?.files.values() ?? [])].map(
    ({ hashes, compressedSizes }) => hashes.buffer.byteLength + compressedSizes.buffer.byteLength,
  )
  assert.deepEqual(sizes, [16384 * 40, 16384 * 40])
})
