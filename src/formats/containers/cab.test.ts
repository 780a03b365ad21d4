import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCab, buildMszipCab, type CabFileSpec, packBlocks } from '../../../test/helpers/cab-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { defaultLimits, type InspectionLimits } from '../types.ts'
import { openCab } from './cab.ts'

/** Everything a cabinet gives away: its files, and the codes of all findings. */
async function unpack(bytes: Uint8Array, limits: InspectionLimits = defaultLimits) {
  const cabinet = await openCab(bytesReader(bytes), limits)
  const parts = new Map<string, Buffer[]>()
  const whole: string[] = []
  const found = await cabinet.readFolders({
    data: (file, chunk) => parts.set(file.path, [...(parts.get(file.path) ?? []), Buffer.from(chunk)]),
    end: (file) => whole.push(file.path),
  })
  const findings = [...cabinet.findings, ...found]
  const text = Object.fromEntries(whole.map((path) => [path, Buffer.concat(parts.get(path) ?? [])]))
  return { cabinet, findings, codes: findings.map((finding) => finding.code), files: text }
}

const noise = (length: number) =>
  Buffer.from(Array.from({ length }, (_, i) => (i * i * 31 + i * 7 + (i >> 5)) & 255))

test('stored and MSZIP folders give their files back, in as many folders as there are', async () => {
  const long = noise(100_000)
  const { bytes } = buildCab([
    {
      compression: 'mszip',
      files: [{ name: 'a\\x.sys', data: long }, { name: 'a\\empty.txt' }, { name: 'a\\y.inf', data: 'y' }],
    },
    { compression: 'none', files: [{ name: 'b\\z.bin', data: long.subarray(0, 70_000) }] },
  ])
  const { codes, files, cabinet } = await unpack(bytes)
  assert.deepEqual(codes, [])
  assert.deepEqual(Object.keys(files), ['a/x.sys', 'a/empty.txt', 'a/y.inf', 'b/z.bin'])
  assert.deepEqual(files['a/x.sys'], long)
  assert.deepEqual(files['b/z.bin'], long.subarray(0, 70_000))
  assert.equal(files['a/y.inf']?.toString(), 'y')
  assert.deepEqual(
    cabinet.folders.map((folder) => folder.compression),
    ['mszip', 'none'],
  )
})

test('reserved areas of cabinet, folders and blocks are skipped, those of blocks covered by the checksum', async () => {
  const { bytes, blocks } = buildCab([{ compression: 'mszip', files: [{ name: 'f', data: 'data' }] }], {
    reserve: { header: Buffer.from('header area'), folder: 5, data: 7 },
  })
  const { codes, files, cabinet } = await unpack(bytes)
  assert.deepEqual(codes, [])
  assert.equal(files.f?.toString(), 'data')
  assert.equal(Buffer.from(cabinet.reserve).toString(), 'header area')
  bytes[(blocks[0]?.[0] ?? 0) + 9] = 1
  assert.deepEqual((await unpack(bytes)).codes, ['cab-checksum'])
})

test('a checksum of zero means that there is none', async () => {
  const spec = [{ compression: 'none' as const, files: [{ name: 'f', data: 'data' }] }]
  const { bytes, blocks } = buildCab(spec, { withoutChecksums: true })
  bytes.write('DATA', (blocks[0]?.[0] ?? 0) + 8)
  const { codes, files } = await unpack(bytes)
  assert.deepEqual(codes, [])
  assert.equal(files.f?.toString(), 'DATA')
})

test('names are UTF-8 when flagged and one character for each byte otherwise', async () => {
  const { bytes } = buildCab([
    {
      files: [
        { name: 'größe.txt', attributes: 0xa0 },
        { name: Buffer.from([0x67, 0x94]), attributes: 0x20 },
        { name: Buffer.from([0x78, 0xff]), attributes: 0x80 },
      ],
    },
  ])
  const { cabinet, codes } = await unpack(bytes)
  assert.deepEqual(
    cabinet.files.map((file) => file.name),
    ['größe.txt', 'g\u0094', 'x\ufffd'],
  )
  assert.deepEqual(
    cabinet.files.map((file) => file.isUtf8),
    [true, false, true],
  )
  assert.deepEqual([...(cabinet.files[1]?.nameBytes ?? [])], [0x67, 0x94])
  assert.deepEqual(codes, ['cab-name-encoding'])
})

test('a cabinet behind other bytes is found and said to be there', async () => {
  const { codes, files } = await unpack(
    Buffer.concat([Buffer.alloc(300_000, 'stub MSCF '), buildMszipCab({ f: 'x' })]),
  )
  assert.deepEqual(codes, ['cab-leading-bytes'])
  assert.equal(files.f?.toString(), 'x')
})

test('a package that starts with a cabinet is that cabinet, however broken, and not one further in', async () => {
  const broken = buildCab([{ files: [{ name: 'f', data: buildMszipCab({ inner: 'x' }), folder: 9 }] }])
  const { codes, cabinet } = await unpack(broken.bytes)
  assert.equal(cabinet.baseOffset, 0)
  assert.ok(codes.includes('cab-folder-index'))
  const cut = await unpack(broken.bytes.subarray(0, 50))
  assert.equal(cut.cabinet.baseOffset, 0)
  assert.ok(cut.codes.includes('cab-truncated'))
})

test('marks and headers that lead nowhere are passed over', async () => {
  const lie = buildMszipCab({ f: 'x' }).subarray(0, 60)
  lie.writeUInt32LE(100, 8)
  lie.writeUInt16LE(60_000, 28)
  const bytes = Buffer.concat([Buffer.from('MSCF and no header '), lie, lie, buildMszipCab({ real: 'x' })])
  const { codes, cabinet, files } = await unpack(bytes)
  assert.equal(cabinet.baseOffset, 19 + 120)
  assert.deepEqual(codes, ['cab-leading-bytes'])
  assert.equal(files.real?.toString(), 'x')
})

test('bytes after the cabinet are pointed out', async () => {
  const { codes } = await unpack(Buffer.concat([buildMszipCab({ f: 'x' }), Buffer.from('more')]))
  assert.deepEqual(codes, ['cab-trailing-bytes'])
})

test('what is no cabinet is refused', async () => {
  for (const bytes of ['', 'MSC', 'PK\u0003\u0004 and so on', 'x'.repeat(1000)]) {
    assert.deepEqual((await unpack(Buffer.from(bytes))).codes, ['cab-not-a-cabinet'])
  }
})

test('a cabinet cut off anywhere is refused', async () => {
  const { bytes } = buildCab([{ compression: 'mszip', files: [{ name: 'a.txt', data: noise(40_000) }] }], {
    reserve: { header: Buffer.alloc(20) },
  })
  for (let length = 4; length < bytes.length; length += length < 200 ? 1 : 997) {
    const { findings } = await unpack(bytes.subarray(0, length))
    assert.ok(
      findings.some((finding) => finding.code === 'cab-truncated'),
      `cut to ${length}`,
    )
  }
})

test('a cabinet of a set is refused, whether its flags or its files say so', async () => {
  const name = Buffer.from('other.cab\0disk\0')
  const plain = buildMszipCab({ f: 'x' })
  const flagged = Buffer.concat([plain.subarray(0, 36), name, plain.subarray(36)])
  flagged.writeUInt16LE(2, 30)
  flagged.writeUInt32LE(flagged.length, 8)
  flagged.writeUInt32LE(plain.readUInt32LE(16) + name.length, 16)
  const { codes, cabinet } = await unpack(flagged)
  assert.ok(codes.includes('cab-multi-volume'))
  assert.deepEqual(
    cabinet.files.map((file) => file.name),
    ['f'],
  )
  for (const folder of [0xfffd, 0xfffe, 0xffff]) {
    const spanning = buildCab([{ files: [{ name: 'f', data: 'x', folder }] }])
    assert.deepEqual((await unpack(spanning.bytes)).codes, ['cab-multi-volume'])
  }
})

test('tables that contradict themselves are refused', async () => {
  const one = () => buildCab([{ files: [{ name: 'f', data: 'x' }] }])
  const cases: [string, (cab: ReturnType<typeof one>) => void][] = [
    ['cab-version', ({ bytes }) => bytes.writeUInt8(9, 25)],
    ['cab-no-folders', ({ bytes }) => bytes.writeUInt16LE(0, 26)],
    ['cab-no-files', ({ bytes }) => bytes.writeUInt16LE(0, 28)],
    ['cab-file-table-offset', ({ bytes }) => bytes.writeUInt32LE(bytes.readUInt32LE(16) + 1, 16)],
    ['cab-file-table-offset', ({ bytes }) => bytes.writeUInt32LE(0, 16)],
    ['cab-truncated', ({ bytes }) => bytes.writeUInt32LE(0xffff_ffff, 8)],
    ['cab-truncated', ({ bytes }) => bytes.writeUInt16LE(0xffff, 26)],
    ['cab-truncated', ({ bytes }) => bytes.writeUInt16LE(0xffff, 28)],
    ['cab-folder-offset', ({ bytes, folderRecords }) => bytes.writeUInt32LE(0, folderRecords[0])],
    ['cab-folder-offset', ({ bytes, folderRecords }) => bytes.writeUInt32LE(0xffff_fff0, folderRecords[0])],
    ['cab-truncated', ({ bytes, folderRecords }) => bytes.writeUInt16LE(0xffff, (folderRecords[0] ?? 0) + 4)],
    [
      'cab-compression-unknown',
      ({ bytes, folderRecords }) => bytes.writeUInt16LE(4, (folderRecords[0] ?? 0) + 6),
    ],
    [
      'cab-compression-unknown',
      ({ bytes, folderRecords }) => bytes.writeUInt16LE(0x1603, (folderRecords[0] ?? 0) + 6),
    ],
    [
      'cab-compression-unknown',
      ({ bytes, folderRecords }) => bytes.writeUInt16LE(0x0902, (folderRecords[0] ?? 0) + 6),
    ],
    ['cab-folder-index', ({ bytes, fileRecords }) => bytes.writeUInt16LE(1, (fileRecords[0] ?? 0) + 8)],
    ['cab-file-outside-folder', ({ bytes, fileRecords }) => bytes.writeUInt32LE(0xffff_ffff, fileRecords[0])],
    ['cab-file-outside-folder', ({ bytes, fileRecords }) => bytes.writeUInt32LE(2, fileRecords[0])],
    [
      'cab-file-outside-folder',
      ({ bytes, fileRecords }) => bytes.writeUInt32LE(5, (fileRecords[0] ?? 0) + 4),
    ],
    ['cab-unlisted-data', ({ bytes, fileRecords }) => bytes.writeUInt32LE(0, fileRecords[0])],
    ['cab-block-size', ({ bytes, blocks }) => bytes.writeUInt16LE(0, (blocks[0]?.[0] ?? 0) + 6)],
    ['cab-block-size', ({ bytes, blocks }) => bytes.writeUInt16LE(32769, (blocks[0]?.[0] ?? 0) + 6)],
    ['cab-checksum', ({ bytes, blocks }) => bytes.writeUInt8(0, (blocks[0]?.[0] ?? 0) + 8)],
  ]
  for (const [code, change] of cases) {
    const cab = one()
    change(cab)
    const { codes } = await unpack(cab.bytes)
    assert.ok(codes.includes(code), `${code} in ${codes}`)
  }
})

test('names that would leave the folder they are unpacked to are refused', async () => {
  const unsafe = [
    '\\a',
    '/a',
    '\\\\server\\share\\a',
    'C:\\a',
    'c:a',
    '..\\a',
    'a\\..\\..\\b',
    'a/../b',
    '.\\a',
    'a\\\\b',
    'a\\',
    'a:b',
  ]
  for (const name of unsafe) {
    assert.deepEqual(
      (await unpack(buildCab([{ files: [{ name, data: 'x' }] }]).bytes)).codes,
      ['cab-name-unsafe'],
      name,
    )
  }
  for (const name of ['a\\b.c', '..a', 'a..\\b', 'a b\\c']) {
    assert.deepEqual((await unpack(buildCab([{ files: [{ name, data: 'x' }] }]).bytes)).codes, [], name)
  }
  assert.deepEqual((await unpack(buildCab([{ files: [{ name: '' }] }]).bytes)).codes, ['cab-name-empty'])
  assert.deepEqual((await unpack(buildCab([{ files: [{ name: 'a\u0001b' }] }]).bytes)).codes, [
    'cab-name-control',
  ])
})

test('names that are the same on Windows are refused', async () => {
  const codesOf = async (...names: string[]) =>
    (await unpack(buildCab([{ files: names.map((name) => ({ name })) }]).bytes)).codes
  assert.deepEqual(await codesOf('d\\a.sys', 'd\\a.sys'), ['cab-duplicate-name'])
  assert.deepEqual(await codesOf('d\\a.sys', 'd/a.sys'), ['cab-duplicate-name'])
  assert.deepEqual(await codesOf('d\\a.sys', 'D\\A.SYS'), ['cab-name-collision'])
  assert.deepEqual(await codesOf('d\\a', 'd\\a\\b'), ['cab-name-collision'])
  assert.deepEqual(await codesOf('d\\a', 'd\\ab'), [])
})

test('a name of 255 bytes is read, one that never ends is refused', async () => {
  const longest = 'n'.repeat(255)
  const { cabinet, codes } = await unpack(buildCab([{ files: [{ name: longest, data: 'x' }] }]).bytes)
  assert.deepEqual(codes, [])
  assert.equal(cabinet.files[0]?.name, longest)
  const endless = buildCab([{ files: [{ name: 'n'.repeat(256), data: 'x' }] }])
  assert.ok((await unpack(endless.bytes)).codes.includes('cab-name-too-long'))
})

test('files that share bytes are refused, empty ones between others are not', async () => {
  const files: CabFileSpec[] = [
    { name: 'a', data: '12345' },
    { name: 'b', data: '678', offset: 4 },
    { name: 'c', data: '' },
  ]
  assert.ok((await unpack(buildCab([{ files }]).bytes)).codes.includes('cab-overlapping-files'))
  const sound = await unpack(
    buildCab([{ files: [{ name: 'a', data: '1' }, { name: 'b' }, { name: 'c', data: '2' }] }]).bytes,
  )
  assert.deepEqual(sound.codes, [])
  assert.deepEqual(Object.values(sound.files).map(String), ['1', '', '2'])
})

test('folders that share stored data are refused', async () => {
  const { bytes, folderRecords, blocks } = buildCab([
    { files: [{ name: 'a', data: '1' }] },
    { files: [{ name: 'b', data: '2' }] },
  ])
  const same = Buffer.from(bytes)
  same.writeUInt32LE(blocks[0]?.[0] ?? 0, folderRecords[1])
  assert.ok((await unpack(same)).codes.includes('cab-overlapping-folders'))
  const inside = Buffer.from(bytes)
  inside.writeUInt32LE((blocks[0]?.[0] ?? 0) + 1, folderRecords[1])
  assert.ok((await unpack(inside)).codes.includes('cab-overlapping-folders'))
})

test('broken data spoils its folder only', async () => {
  const { bytes, blocks } = buildCab(
    [
      { compression: 'mszip', files: [{ name: 'a', data: noise(50_000) }] },
      { compression: 'mszip', files: [{ name: 'b', data: 'fine' }] },
    ],
    { withoutChecksums: true },
  )
  bytes.fill(0xff, (blocks[0]?.[1] ?? 0) + 12, (blocks[0]?.[1] ?? 0) + 40)
  const { codes, files } = await unpack(bytes)
  assert.deepEqual(codes, ['cab-corrupt-data'])
  assert.deepEqual(Object.keys(files), ['b'])
})

test('an MSZIP block that gives more or less than it promises, or lacks its mark, is refused', async () => {
  const folder = { compression: 'mszip' as const, files: [{ name: 'a', data: 'some data' }] }
  const [block] = packBlocks(folder)
  assert.ok(block)
  const wrong = [
    { ...block, unpackedSize: 8 },
    { ...block, unpackedSize: 10 },
    { ...block, packed: block.packed.subarray(1) },
    { ...block, packed: block.packed.subarray(0, -1) },
    { ...block, packed: Buffer.from('CK') },
    { ...block, packed: new Uint8Array() },
  ]
  for (const spec of wrong) {
    const { codes } = await unpack(buildCab([{ ...folder, blocks: [spec] }]).bytes)
    assert.ok(codes.includes('cab-corrupt-data'), codes.join())
  }
})

test('only stored folders may have short blocks before the last', async () => {
  const block = (text: string) => ({ packed: Buffer.from(text), unpackedSize: text.length })
  const stored = buildCab([{ files: [{ name: 'a', data: '12' }], blocks: [block('1'), block('2')] }])
  assert.deepEqual((await unpack(stored.bytes)).codes, [])
  const packed = packBlocks({ compression: 'mszip', files: [{ name: 'a', data: '1' }] })
  const short = buildCab([
    { compression: 'mszip', files: [{ name: 'a', data: '12' }], blocks: [...packed, ...packed] },
  ])
  assert.deepEqual((await unpack(short.bytes)).codes, ['cab-block-size'])
})

test('limits on files, bytes and ratio stop the reading', async () => {
  const bytes = buildMszipCab({ a: 'x', b: 'y' })
  assert.deepEqual((await unpack(bytes, { ...defaultLimits, entries: 1 })).codes, ['cab-too-many-entries'])
  assert.deepEqual((await unpack(bytes, { ...defaultLimits, unpackedBytes: 1 })).codes, ['cab-too-large'])
  const zeros = buildMszipCab({ a: Buffer.alloc(3_000_000) })
  assert.deepEqual((await unpack(zeros)).codes, [])
  assert.deepEqual((await unpack(zeros, { ...defaultLimits, ratio: 100 })).codes, ['cab-ratio'])
  const unlisted = buildCab([{ compression: 'mszip', files: [{ name: 'a', data: noise(90_000), size: 1 }] }])
  assert.deepEqual((await unpack(unlisted.bytes, { ...defaultLimits, unpackedBytes: 40_000 })).codes, [
    'cab-too-large',
  ])
})

test('a table of 20,000 hostile names is judged in time and the findings stay few', async () => {
  const name = `../${'a/'.repeat(115)}`
  const { bytes } = buildCab([{ files: Array.from({ length: 20_000 }, (_, i) => ({ name: `${name}${i}` })) }])
  const hostile = Buffer.from(bytes)
  const started = process.cpuUsage()
  const { findings } = await unpack(hostile)
  assert.ok(findings.length < 200)
  assert.ok(findings.some(({ code }) => code === 'cab-findings-omitted'))
  assert.ok(process.cpuUsage(started).user < 2_000_000)
})
