import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startDepot } from '../../test/helpers/blob-depot.ts'
import {
  asking,
  assertRefused,
  type Headers,
  idOf,
  latest,
  listOf,
  md5Of,
} from '../../test/helpers/blob-requests.ts'
import { seededRandom } from '../../test/helpers/seeded-random.ts'
import { readBlockList } from './block-blob-list-xml.ts'

/** For all tests that have enough of a place of their own. */
const depot = await startDepot()
after(() => depot[Symbol.asyncDispose]())

test('blocks in any order and all at once become the blob in the order of the list', async () => {
  const { putBlock, putList, get, head } = asking(depot, await depot.place())
  const names = Array.from({ length: 12 }, (_each, index) => `block-${String(index).padStart(3, '0')}`)
  const answers = await Promise.all(names.toReversed().map((name) => putBlock(idOf(name), `<${name}>`)))
  assert.deepEqual(new Set(answers.map(({ statusCode, body }) => `${statusCode}${body}`)), new Set(['201']))
  assert.equal((await get()).statusCode, 404)
  const list = latest(...names.map(idOf))
  const made = await putList(list)
  assert.equal(made.statusCode, 201)
  assert.match(String(made.headers.etag), /^"0x[0-9A-F]{15}"$/)
  assert.equal(made.headers['last-modified'], 'Thu, 01 Jan 2026 00:00:00 GMT')
  assert.equal(made.headers['content-md5'], md5Of(list))
  const whole = names.map((name) => `<${name}>`).join('')
  assert.equal((await get()).body, whole)
  assert.deepEqual(
    [(await head()).headers['content-length'], (await head()).headers.etag],
    [String(whole.length), made.headers.etag],
  )
  assert.equal((await get({ range: 'bytes=8-22' })).body, whole.slice(8, 23))
})

test('Put Block answers 201 with no ETag, and with the MD5 when the client sent one', async () => {
  const { putBlock } = asking(depot, await depot.place())
  const bare = await putBlock(idOf('1'), 'x')
  assert.deepEqual(
    [bare.statusCode, bare.headers['content-length'], bare.headers.etag, bare.headers['content-md5']],
    [201, '0', undefined, undefined],
  )
  assert.equal(bare.headers['x-ms-request-server-encrypted'], 'true')
  const checked = await putBlock(idOf('1'), 'x', { 'content-md5': md5Of('x') })
  assert.equal(checked.headers['content-md5'], md5Of('x'))
})

test('a block that is sent again replaces itself; a list may name one twice and leave others out', async () => {
  const { putBlock, putList, get } = asking(depot, await depot.place())
  await putBlock(idOf('a'), 'old')
  await putBlock(idOf('a'), 'new ')
  await putBlock(idOf('b'), 'b')
  await putBlock(idOf('c'), 'never named')
  assert.equal((await putList(latest(idOf('a'), idOf('b'), idOf('a')))).statusCode, 201)
  assert.equal((await get()).body, 'new bnew ')
  assertRefused(await putList(latest(idOf('c'))), 400, 'InvalidBlockList')
})

test('a list takes blocks from where it says: named before, sent since, or the later of the two', async () => {
  const { putBlock, putList, get } = asking(depot, await depot.place())
  const [a, b] = [idOf('a'), idOf('b')]
  await putBlock(a, 'first')
  assertRefused(await putList(listOf(['Committed', a])), 400, 'InvalidBlockList')
  assert.equal((await putList(listOf(['Uncommitted', a]))).statusCode, 201)
  assertRefused(await putList(listOf(['Uncommitted', a])), 400, 'InvalidBlockList')
  await putBlock(a, 'second')
  await putBlock(b, '+b')
  assert.equal((await putList(listOf(['Committed', a], ['Latest', b]))).statusCode, 201)
  assert.equal((await get()).body, 'first+b')
  await putBlock(a, 'third')
  assert.equal((await putList(listOf(['Latest', a], ['Committed', b]))).statusCode, 201)
  assert.equal((await get()).body, 'third+b')
})

test('a list that is refused leaves blob and blocks as they were', async () => {
  const place = await depot.place()
  const { put, putBlock, putList, get } = asking(depot, place)
  await put('there')
  await putBlock(idOf('a'), 'a')
  const before = await depot.engine.listBlocks(place.uploadId)
  assertRefused(await putList(latest(idOf('a'), idOf('x'))), 400, 'InvalidBlockList')
  assertRefused(await putList('<BlockList>'), 400, 'InvalidXmlDocument')
  assert.equal((await get()).body, 'there')
  assert.deepEqual(await depot.engine.listBlocks(place.uploadId), before)
})

test('an empty list makes an empty blob', async () => {
  const { putList, get } = asking(depot, await depot.place())
  for (const list of [latest(), '<BlockList/>', '<?xml version="1.0"?><BlockList></BlockList>']) {
    assert.equal((await putList(list)).statusCode, 201)
    const answer = await get()
    assert.deepEqual([answer.statusCode, answer.headers['content-length'], answer.body], [200, '0', ''])
  }
})

test('Get Block List tells of the blocks by where they stand', async () => {
  const { putBlock, putList, get } = asking(depot, await depot.place())
  await putBlock(idOf('a'), 'four')
  await putList(latest(idOf('a')))
  await putBlock(idOf('b'), 'sixsix')
  const committed = `<CommittedBlocks><Block><Name>${idOf('a')}</Name><Size>4</Size></Block></CommittedBlocks>`
  const uncommitted = `<UncommittedBlocks><Block><Name>${idOf('b')}</Name><Size>6</Size></Block></UncommittedBlocks>`
  for (const [type, lists] of [
    ['', committed],
    ['&blocklisttype=committed', committed],
    ['&blocklisttype=uncommitted', uncommitted],
    ['&blocklisttype=all', committed + uncommitted],
  ] as const) {
    const answer = await get({}, `&comp=blocklist${type}`)
    assert.equal(answer.body, `<?xml version="1.0" encoding="utf-8"?><BlockList>${lists}</BlockList>`)
    assert.equal(answer.headers['content-type'], 'application/xml')
    assert.equal(answer.headers['x-ms-blob-content-length'], '4')
  }
})

const lists: readonly [what: string, body: string | Buffer, code: string][] = [
  ['nothing', '', 'InvalidXmlDocument'],
  ['no XML', 'AAAA', 'InvalidXmlDocument'],
  ['cut off', '<BlockList><Latest>AAAA</Latest>', 'InvalidXmlDocument'],
  ['badly nested', '<BlockList><Latest>AAAA</BlockList></Latest>', 'InvalidXmlDocument'],
  ['two documents', '<BlockList/><BlockList/>', 'InvalidXmlDocument'],
  ['JSON', '{"blocks":[]}', 'InvalidXmlDocument'],
  ['a document type', '<!DOCTYPE BlockList><BlockList/>', 'InvalidXmlDocument'],
  [
    'entities that grow',
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><BlockList><Latest>&b;</Latest></BlockList>',
    'InvalidXmlDocument',
  ],
  ['an unknown entity', '<BlockList><Latest>&b;</Latest></BlockList>', 'InvalidXmlDocument'],
  ['text between the blocks', '<BlockList>AAAA</BlockList>', 'InvalidXmlDocument'],
  ['character data', '<BlockList><Latest><![CDATA[AAAA]]></Latest></BlockList>', 'InvalidXmlDocument'],
  ['bytes that are no UTF-8', Buffer.from('<BlockList>\xff</BlockList>', 'latin1'), 'InvalidXmlDocument'],
  ['UTF-16', Buffer.from('\ufeff<BlockList/>', 'utf16le'), 'InvalidXmlDocument'],
  ['another document', '<Blocks/>', 'UnsupportedXmlNode'],
  ['an unknown node', '<BlockList><Newest>AAAA</Newest></BlockList>', 'UnsupportedXmlNode'],
  ['a node that objects inherit', '<BlockList><toString>AAAA</toString></BlockList>', 'UnsupportedXmlNode'],
  ['nodes too deep', '<BlockList><Latest><Latest>AAAA</Latest></Latest></BlockList>', 'UnsupportedXmlNode'],
  ['a name that is no Base64', latest('not base64'), 'InvalidBlockId'],
  ['an empty name', latest(''), 'InvalidBlockId'],
  ['too long a name', latest('A'.repeat(88)), 'InvalidBlockId'],
  ['a block nobody sent', latest('AAAA', 'AAAB'), 'InvalidBlockList'],
  ['names of two lengths', latest('AAAA', 'AAAAAAAA'), 'InvalidBlockList'],
  [
    'more blocks than there may be',
    latest(...Array.from({ length: 50_001 }, () => 'AAAA')),
    'BlockListTooLong',
  ],
]

for (const [what, body, code] of lists) {
  test(`a list with ${what} is 400 ${code}`, async () => {
    const { ask, putBlock, get } = asking(depot, await depot.place())
    await putBlock('AAAA', 'a')
    await putBlock('AAAAAAAA', 'a')
    const headers = { 'content-length': String(Buffer.byteLength(body)) }
    assertRefused(await ask('PUT', '&comp=blocklist', headers, body), 400, code)
    assert.equal((await get()).statusCode, 404)
  })
}

const oddLists: readonly [what: string, body: string][] = [
  [
    'a byte order mark',
    '\ufeff<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>AAAA</Latest></BlockList>',
  ],
  ['blanks around the names', '<BlockList>\r\n\t<Latest>\n  AAAA\n</Latest>\r\n</BlockList>\n'],
  [
    'comments and instructions',
    '<!--x--><?y z?><BlockList><!--x--><Latest>AA<!--x-->AA</Latest></BlockList><!--x-->',
  ],
  ['escaped characters', '<BlockList><Latest>A&#65;&#x41;A</Latest></BlockList>'],
  ['attributes and a namespace', '<BlockList xmlns="urn:x" a="1"><Latest b="2">AAAA</Latest></BlockList>'],
]

for (const [what, body] of oddLists) {
  test(`a list with ${what} is read, however it is cut`, async () => {
    const { putBlock, putList, get } = asking(depot, await depot.place())
    await putBlock('AAAA', 'a')
    assert.equal((await putList(body)).statusCode, 201)
    assert.equal((await get()).body, 'a')
    for (const size of [1, 2, 7]) {
      assert.deepEqual(await readBlockList(cut(body, size)), [{ blockId: 'AAAA', from: 'latest' }])
    }
  })
}

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const ids: readonly [what: string, query: string, status: number][] = [
  ['encoded properly', 'blockid=%2B%2F%2BA', 201],
  ['with raw plus signs and slashes', 'blockid=+/+A', 201],
  ['with padding', 'blockid=QQ==', 201],
  ['with bits in its padding', 'blockid=QR==', 201],
  ['of 64 bytes', `blockid=${encodeURIComponent(Buffer.alloc(64, 1).toString('base64'))}`, 201],
  ['of 65 bytes', `blockid=${encodeURIComponent(Buffer.alloc(65, 1).toString('base64'))}`, 400],
  ['of 66 bytes', `blockid=${encodeURIComponent(Buffer.alloc(66, 1).toString('base64'))}`, 400],
  ['of thousands of bytes', `blockid=${'A'.repeat(4000)}`, 400],
  ['that is empty', 'blockid=', 400],
  ['without its padding', 'blockid=QQ', 400],
  ['in base64url', 'blockid=-_-A', 400],
  ['with padding in the middle', 'blockid=QQ==QQ==', 400],
  ['with other characters', 'blockid=%00%FF%C3', 400],
]

for (const [what, query, status] of ids) {
  test(`a block id ${what} is ${status}`, async () => {
    const place = await depot.place()
    const { ask, putList, get } = asking(depot, place)
    const answer = await ask('PUT', `&comp=block&${query}`, {}, 'x')
    if (status === 400) return assertRefused(answer, 400, 'InvalidBlockId')
    assert.equal(answer.statusCode, 201)
    const [block] = (await depot.engine.listBlocks(place.uploadId)).uncommitted
    assert.equal((await putList(latest(block?.blockId ?? ''))).statusCode, 201)
    assert.equal((await get()).body, 'x')
  })
}

test('a block of no bytes is refused, as its length is no length', async () => {
  const { ask } = asking(depot, await depot.place())
  const answer = await ask('PUT', '&comp=block&blockid=AAAA', { 'content-length': '0' })
  assertRefused(answer, 400, 'InvalidHeaderValue', { HeaderName: 'Content-Length', HeaderValue: '0' })
})

/** The service's own check value for `123456789`. */
const digits = { bytes: '123456789', crc64: 'iJh5CoYUi64=', md5: 'JfnnlDI7RTiF9RgfG2JNCw==' } as const

const checksums: readonly [headers: Headers, status: number, code: string, details?: Headers][] = [
  [{ 'content-md5': digits.md5 }, 201, ''],
  [{ 'x-ms-content-crc64': digits.crc64 }, 201, ''],
  [{ 'content-md5': digits.md5, 'x-ms-content-crc64': digits.crc64 }, 201, ''],
  [
    { 'content-md5': md5Of('x') },
    400,
    'Md5Mismatch',
    { UserSpecifiedMd5: md5Of('x'), ServerCalculatedMd5: digits.md5 },
  ],
  [
    { 'x-ms-content-crc64': 'AAAAAAAAAAA=' },
    400,
    'Crc64Mismatch',
    { UserSpecifiedCrc64: 'AAAAAAAAAAA=', ServerCalculatedCrc64: digits.crc64 },
  ],
  [{ 'content-md5': 'x' }, 400, 'InvalidMd5'],
  [{ 'content-md5': digits.crc64 }, 400, 'InvalidMd5'],
  [{ 'x-ms-content-crc64': digits.md5 }, 400, 'InvalidHeaderValue'],
]

for (const [headers, status, code, details] of checksums) {
  test(`bytes with the checksums ${JSON.stringify(headers)} are ${status} ${code}`, async () => {
    const { put, putBlock, get } = asking(depot, await depot.place())
    for (const answer of [await put(digits.bytes, headers), await putBlock('AAAA', digits.bytes, headers)]) {
      if (status === 201) assert.equal(answer.statusCode, 201, answer.body)
      else assertRefused(answer, status, code, details)
    }
    assert.equal((await get()).statusCode, status === 201 ? 200 : 404)
  })
}

test('a list is held to its checksums too', async () => {
  const { putList } = asking(depot, await depot.place())
  assertRefused(await putList(latest(), { 'content-md5': md5Of('x') }), 400, 'Md5Mismatch')
  assert.equal((await putList(latest(), { 'content-md5': md5Of(latest()) })).statusCode, 201)
})

test('whatever is sent as a list, the answer is one of the service and never a failure', async () => {
  const { ask, putBlock } = asking(depot, await depot.place())
  await putBlock('AAAA', 'a')
  const random = seededRandom(7)
  const sound = Buffer.from(listOf(['Latest', 'AAAA'], ['Uncommitted', 'AAAA'], ['Latest', 'AAAA']))
  for (let round = 0; round < 150; round++) {
    const body = Buffer.from(sound)
    for (const byte of random.bytes(1 + (round % 4))) body[(byte * 31 + round) % body.length] = byte
    const answer = await ask('PUT', '&comp=blocklist', {}, body.subarray(0, 1 + ((round * 37) % body.length)))
    assert.ok([201, 400].includes(answer.statusCode), `${answer.statusCode} ${body}`)
  }
})
