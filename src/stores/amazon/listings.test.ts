import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AmazonAnswer, amazonClient, codesOf, startAmazon } from '../../../test/helpers/amazon-client.ts'

const listing = {
  language: 'en-US',
  title: 'Gadget',
  shortDescription: 'Short.',
  fullDescription: 'Full.',
  recentChanges: 'New.',
  featureBullets: ['One', 'Two', 'Three'],
  keywords: ['gadget', 'tool'],
}
const sevenKeys = Object.keys(listing)

test('GET listings is an object under listings, by hyphenated language, with all seven keys of each [O8][7-4][7-18][7-51]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { json, etag } = await amazon.want(200, 'GET', `${edit}/listings`)
  assert.ok(etag)
  assert.deepEqual(Object.keys(json), ['listings'])
  assert.deepEqual(Object.keys(json.listings), ['en-US'])
  assert.deepEqual(Object.keys(json.listings['en-US']), sevenKeys)
  assert.equal(json.listings['en-US'].recentChanges, '')
  assert.equal((await amazon.want(200, 'GET', `${edit}/apks`)).text.startsWith('['), true)
  const images = await amazon.want(200, 'GET', `${edit}/listings/en-US/large-icons`)
  assert.deepEqual(Object.keys(images.json), ['images'])
})

test('GET listings/{language} takes hyphens, underscores and any case, and answers with hyphens [O9][7-51]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const { text, etag } = await amazon.want(200, 'GET', `${edit}/listings/en-US`)
  for (const language of ['en_US', 'en-us', 'EN_us']) {
    const answer = await amazon.want(200, 'GET', `${edit}/listings/${language}`)
    assert.deepEqual([answer.text, answer.etag], [text, etag])
  }
})

test('every documented language is one, and any other is 400 Invalid language', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  for (const language of 'zh_CN de_DE en_AU en_GB en_IN en_US es_ES fr_FR it_IT ja_JP pt_BR'.split(' ')) {
    const { json } = await amazon.want(200, 'GET', `${edit}/listings/${language}`)
    assert.equal(json.language, language.replace('_', '-'))
  }
  for (const language of ['listings', 'sv-SE', 'en', 'en--US', 'constructor', '__proto__']) {
    const { json } = await amazon.want(400, 'GET', `${edit}/listings/${language}`)
    assert.deepEqual(json.errors, [
      { errorCode: 'invalid_input', errorMessage: `Invalid language ${language}` },
    ])
  }
})

test('PUT listings/{language} replaces the whole listing and has a new tag [O10]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/en-US`
  const before = await amazon.want(200, 'GET', path)
  const written = await amazon.write(200, 'PUT', path, listing)
  assert.deepEqual(written.json, listing)
  assert.notEqual(written.etag, before.etag)
  const read = await amazon.want(200, 'GET', path)
  assert.deepEqual([read.text, read.etag], [written.text, written.etag])
  // What a body does not name is gone; what it names may be blank.
  const short = await amazon.write(200, 'PUT', path, { title: 'Only', keywords: [] })
  assert.deepEqual(short.json, {
    ...listing,
    title: 'Only',
    shortDescription: '',
    fullDescription: '',
    recentChanges: '',
    featureBullets: [],
    keywords: [],
  })
})

test('a locale is added by getting its listing, which is blank, and putting it with its tag', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/de_DE`
  const blank = await amazon.want(200, 'GET', path)
  assert.equal(blank.json.title, '')
  await amazon.write(200, 'PUT', path, listing)
  const { listings } = (await amazon.want(200, 'GET', `${edit}/listings`)).json
  assert.deepEqual(Object.keys(listings), ['en-US', 'de-DE'])
  assert.equal(listings['de-DE'].language, 'de-DE')
})

test('DELETE listings/{language} is 204, and refused for the default language and for one that is not there [O11][7-3]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  await amazon.write(200, 'PUT', `${edit}/listings/fr-FR`, listing)
  await amazon.write(204, 'DELETE', `${edit}/listings/fr-FR`)
  const { listings } = (await amazon.want(200, 'GET', `${edit}/listings`)).json
  assert.deepEqual(Object.keys(listings), ['en-US'])
  assert.deepEqual(codesOf(await amazon.write(400, 'DELETE', `${edit}/listings/en-US`)), ['invalid_input'])
  await amazon.write(404, 'DELETE', `${edit}/listings/fr-FR`)
})

test('the tag of a listing that was deleted is not good for its successor', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/fr-FR`
  const tags = new Set<string | undefined>()
  for (let round = 0; round < 3; round++) {
    tags.add((await amazon.want(200, 'GET', path)).etag)
    tags.add((await amazon.write(200, 'PUT', path, listing)).etag)
    await amazon.write(204, 'DELETE', path)
  }
  assert.equal(tags.size, 6)
})

test('a PUT without If-Match is 400, with a stale one 412, and neither changes anything [7-5]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const editTag = (await amazon.want(200, 'GET', edit)).etag ?? ''
  const bodies = { listings: listing, details: { contactPhone: '1' }, availability: {} }
  for (const [name, body] of Object.entries(bodies)) {
    const path = name === 'listings' ? `${edit}/listings/en-US` : `${edit}/${name}`
    const { text, etag = '' } = await amazon.want(200, 'GET', path)
    for (const headers of [{}, { 'if-match': '' }]) {
      const missing = await amazon.want(400, 'PUT', path, body, headers)
      assert.deepEqual(missing.json.errors, [
        { errorCode: 'required_data_absent', errorMessage: 'If-Match header is required' },
      ])
    }
    const otherTags = ['"nothing"', editTag, '""', `"${etag.slice(2, -1)}"`]
    for (const stale of otherTags) await amazon.want(412, 'PUT', path, body, { 'if-match': stale })
    const after = await amazon.want(200, 'GET', path)
    assert.deepEqual([after.text, after.etag], [text, etag])
  }
})

test('the tag of the list is good for each listing, unless that is switched off [7-8]', async () => {
  for (const amazonListTag of ['accept', 'refuse'] as const) {
    await using server = await startAmazon({ amazonListTag })
    const amazon = await amazonClient(server)
    const edit = await amazon.open()
    const { etag = '' } = await amazon.want(200, 'GET', `${edit}/listings`)
    const headers = { 'if-match': etag }
    const path = `${edit}/listings/en-US`
    await amazon.want(amazonListTag === 'accept' ? 200 : 412, 'PUT', path, listing, headers)
    // It moves with every listing, so it is good once.
    await amazon.want(412, 'PUT', path, listing, headers)
  }
})

test('tags are quoted and strong, and compared without quotes, weakness and blanks [7-10][7-54]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/en-US`
  const spellings: ((tag: string) => string)[] = [
    (tag) => tag,
    (tag) => tag.slice(1, -1),
    (tag) => `W/${tag}`,
    (tag) => ` ${tag} `,
    (tag) => `"other", ${tag}`,
    () => '*',
  ]
  for (const spell of spellings) {
    const { etag = '' } = await amazon.want(200, 'GET', path)
    assert.match(etag, /^"[0-9a-f]{32}"$/)
    await amazon.want(200, 'PUT', path, listing, { 'if-match': spell(etag) })
  }
})

test('a read with the tag it knows is 304 without a body', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  for (const path of ['', '/listings', '/listings/en-US', '/details', '/listings/en-US/screenshots']) {
    const { etag = '' } = await amazon.want(200, 'GET', `${edit}${path}`)
    const known = await amazon.want(304, 'GET', `${edit}${path}`, undefined, { 'if-none-match': etag })
    assert.deepEqual([known.text, known.etag], ['', etag])
    await amazon.want(200, 'GET', `${edit}${path}`, undefined, { 'if-none-match': '"other"' })
  }
})

test('of duplicate keys the last one counts [7-16]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const text = JSON.stringify(listing).replace('{', '{"recentChanges":"old",').replace('"New."', '"newest"')
  const { json } = await amazon.write(200, 'PUT', `${edit}/listings/en-US`, text)
  assert.equal(json.recentChanges, 'newest')
})

test('keys that are no listing’s are passed over, the echoed language is taken in any spelling [7-17]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  for (const language of ['en-US', 'en_US', undefined]) {
    const body = { ...listing, language, videos: [], extra: { deep: [1] }, constructor: 'x' }
    const { json } = await amazon.write(200, 'PUT', `${edit}/listings/en-US`, body)
    assert.deepEqual(json, listing)
  }
})

test('short release notes and those with a line at the end are notes [7-18]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  for (const recentChanges of ['-', '✔', 'Fixes.\n']) {
    const { json } = await amazon.write(200, 'PUT', `${edit}/listings/en-US`, { ...listing, recentChanges })
    assert.equal(json.recentChanges, recentChanges)
    await amazon.want(200, 'POST', `${edit}/validate`)
  }
})

const bad: [string, unknown, string][] = [
  ['no keywords', { ...listing, keywords: undefined }, 'required_data_absent'],
  ['null for keywords', { ...listing, keywords: null }, 'required_data_absent'],
  ['keywords of two words', { ...listing, keywords: ['one', 'two words'] }, 'SINGLE_WORD'],
  ['keywords that are no texts', { ...listing, keywords: [1] }, 'invalid_input'],
  ['keywords that are a text', { ...listing, keywords: 'one' }, 'invalid_input'],
  ['a title that is no text', { ...listing, title: 7 }, 'invalid_input'],
  ['a title of 251 characters', { ...listing, title: 'x'.repeat(251) }, 'invalid_input'],
  ['a short description of 1201', { ...listing, shortDescription: 'x'.repeat(1201) }, 'invalid_input'],
  ['a description of 4001', { ...listing, fullDescription: 'x'.repeat(4001) }, 'invalid_input'],
  ['release notes of 4001', { ...listing, recentChanges: 'x'.repeat(4001) }, 'invalid_input'],
  ['six bullets', { ...listing, featureBullets: Array(6).fill('x') }, 'invalid_input'],
  ['an array', [listing], 'invalid_input'],
  ['a text', '"listing"', 'invalid_input'],
  ['no JSON', '{"title":', 'invalid_input'],
  ['nothing', '', 'required_data_absent'],
]

test('a listing that is none, or too long, is 400 with its code and changes nothing', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/listings/en-US`
  const before = await amazon.want(200, 'GET', path)
  const { etag: editTag } = await amazon.want(200, 'GET', edit)
  for (const [what, body, code] of bad) {
    const answer: AmazonAnswer = await amazon.write(400, 'PUT', path, body as object)
    assert.deepEqual(codesOf(answer), [code], what)
  }
  const after = await amazon.want(200, 'GET', path)
  assert.deepEqual([after.text, after.etag], [before.text, before.etag])
  assert.equal((await amazon.want(200, 'GET', edit)).etag, editTag)
  const longest = { ...listing, fullDescription: '😀'.repeat(4000), title: 'x'.repeat(250) }
  await amazon.write(200, 'PUT', path, longest)
})

test('GET and PUT details: four texts with their own tag; the default language stays [O12][O13]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/details`
  const { json } = await amazon.want(200, 'GET', path)
  assert.deepEqual(Object.keys(json), ['defaultLanguage', 'contactWebsite', 'contactEmail', 'contactPhone'])
  const written = await amazon.write(200, 'PUT', path, { ...json, contactPhone: '+49 30 1' })
  assert.deepEqual(written.json, { ...json, contactPhone: '+49 30 1' })
  assert.equal((await amazon.want(200, 'GET', path)).etag, written.etag)
  await amazon.write(200, 'PUT', path, { ...json, defaultLanguage: 'en_US' })
  for (const defaultLanguage of ['de-DE', 'nonsense', 7]) {
    const refused = await amazon.write(400, 'PUT', path, { ...json, defaultLanguage })
    assert.deepEqual(codesOf(refused), ['invalid_input'])
  }
})

test('GET availability is an object with two nulls, never null; PUT sets the date and null clears it [O31][O32][7-49]', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/availability`
  const none = { publishingDate: { dateTime: null, zoneId: null } }
  assert.deepEqual((await amazon.want(200, 'GET', path)).json, none)
  const dates = [
    { dateTime: '2027-07-16T19:20:30.45', zoneId: 'US_Central' },
    { dateTime: '2027-02-27T15:19:37', zoneId: 'US/Central' },
    { dateTime: '2027-02-27T15:19:37', zoneId: 'US_East' },
  ]
  for (const publishingDate of dates) {
    const { json, etag } = await amazon.write(200, 'PUT', path, { publishingDate })
    assert.deepEqual(json, { publishingDate })
    assert.equal((await amazon.want(200, 'GET', path)).etag, etag)
  }
  for (const cleared of [none, { publishingDate: null }, { publishingDate: {} }, {}]) {
    await amazon.write(200, 'PUT', path, { publishingDate: dates[0] })
    assert.deepEqual((await amazon.write(200, 'PUT', path, cleared)).json, none)
  }
})

test('a release date in the past, of no zone or of no form is 400 and changes nothing', async () => {
  await using server = await startAmazon()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const path = `${edit}/availability`
  const before = await amazon.want(200, 'GET', path)
  const zoneId = 'Europe_Berlin'
  const dates: [unknown, string][] = [
    [{ dateTime: '2026-01-01T00:59:59', zoneId }, 'invalid_input'],
    [{ dateTime: '2027-01-01', zoneId }, 'invalid_input'],
    [{ dateTime: '2027-02-30T00:00:00', zoneId }, 'invalid_input'],
    [{ dateTime: '2027-01-01T00:00:00Z', zoneId }, 'invalid_input'],
    [{ dateTime: 1, zoneId }, 'invalid_input'],
    [{ dateTime: '2027-01-01T00:00:00' }, 'required_data_absent'],
    [{ dateTime: '2027-01-01T00:00:00', zoneId: 'Mars_Olympus' }, 'invalid_input'],
    ['2027-01-01', 'invalid_input'],
    [[], 'invalid_input'],
  ]
  for (const [publishingDate, code] of dates) {
    const refused = await amazon.write(400, 'PUT', path, { publishingDate })
    assert.deepEqual(codesOf(refused), [code], JSON.stringify(publishingDate))
  }
  const after = await amazon.want(200, 'GET', path)
  assert.deepEqual([after.text, after.etag], [before.text, before.etag])
})
