import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AmazonClient,
  amazonClient,
  codesOf,
  type Json,
  startAmazon,
} from '../../../test/helpers/amazon-client.ts'
import { buildJpeg, buildPng, mp4 } from '../../../test/helpers/media-builder.ts'
import { examined, isVideo, readImage } from './read-media.ts'

const assetId = /^amzn1\.dex\.asset\.[0-9a-f]{32}$/
const screenshot = buildPng(1280, 720)

async function opened(flags: Parameters<typeof startAmazon>[0] = {}) {
  const server = await startAmazon(flags)
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  return {
    amazon,
    edit,
    path: `${edit}/listings/en-US`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const idsOf = (json: Json, name = 'images'): string[] => json[name].map((asset: Json) => asset.id)

async function upload(amazon: AmazonClient, slot: string, bytes: Uint8Array, status = 200) {
  return amazon.write(status, 'POST', `${slot}/upload`, bytes, slot)
}

test('GET images is an object under images with ids and a tag [O23][7-4]', async () => {
  await using at = await opened()
  const { json, etag } = await at.amazon.want(200, 'GET', `${at.path}/screenshots`)
  assert.ok(etag)
  assert.deepEqual(Object.keys(json), ['images'])
  assert.equal(json.images.length, 3)
  for (const image of json.images) {
    assert.deepEqual(Object.keys(image), ['id'])
    assert.match(image.id, assetId)
  }
  assert.equal((await at.amazon.want(200, 'GET', `${at.path}/firetv-icons`)).text, '{"images":[]}')
})

test('an image is raw bytes; single slots are replaced, others grow at their end [O24][7-34]', async () => {
  await using at = await opened()
  const { amazon, path } = at
  const before = idsOf((await amazon.want(200, 'GET', `${path}/screenshots`)).json)
  const added = await upload(amazon, `${path}/screenshots`, screenshot)
  assert.deepEqual(Object.keys(added.json), ['image'])
  assert.match(added.json.image.id, assetId)
  const after = await amazon.want(200, 'GET', `${path}/screenshots`)
  assert.deepEqual(idsOf(after.json), [...before, added.json.image.id])
  assert.equal(after.etag, added.etag)
  const icon = await upload(amazon, `${path}/small-icons`, buildPng(114, 114, { transparency: 'channel' }))
  const icons = (await amazon.want(200, 'GET', `${path}/small-icons`)).json
  assert.deepEqual(idsOf(icons), [icon.json.image.id])
})

const fitting: [string, Uint8Array][] = [
  ['small-icons', buildPng(114, 114)],
  ['large-icons', buildPng(512, 512, { transparency: 'colour' })],
  ['screenshots', buildJpeg(480, 800)],
  ['screenshots', buildPng(1920, 1116)],
  ['screenshots', buildPng(2560, 1600)],
  ['promo-images', buildJpeg(1024, 500)],
  ['firetv-icons', buildPng(1280, 720)],
  ['firetv-screenshots', buildPng(1920, 1080)],
  ['firetv-backgrounds', buildJpeg(1920, 1080)],
  ['firetv-featured-backgrounds', buildPng(1920, 720)],
  ['firetv-featured-logos', buildPng(640, 260, { transparency: 'channel' })],
]

test('every image type takes what the console takes', async () => {
  await using at = await opened()
  for (const [type, bytes] of fitting) await upload(at.amazon, `${at.path}/${type}`, bytes)
})

const unfit: [string, string, Uint8Array, RegExp][] = [
  ['a small icon of another size', 'small-icons', buildPng(512, 512), /114 x 114/],
  ['an icon that is a JPEG', 'large-icons', buildJpeg(512, 512), /PNG/],
  ['a screenshot too small', 'screenshots', buildPng(799, 480), /800 x 480/],
  ['a screenshot too large', 'screenshots', buildPng(2561, 1600), /2560 x 1600/],
  [
    'a transparent Fire TV icon',
    'firetv-icons',
    buildPng(1280, 720, { transparency: 'channel' }),
    /transparency/,
  ],
  [
    'a Fire TV screenshot with a transparent colour',
    'firetv-screenshots',
    buildPng(1920, 1080, { transparency: 'colour' }),
    /transparency/,
  ],
  ['a portrait Fire TV screenshot', 'firetv-screenshots', buildPng(1080, 1920), /1920 x 1080/],
  ['a text', 'promo-images', Buffer.from('no image'), /no image/],
  ['a GIF', 'screenshots', Buffer.from('GIF89a\x00\x05\x00\x03\x00\x00\x00', 'latin1'), /no image/],
  ['half a PNG', 'screenshots', screenshot.subarray(0, 18), /no image/],
  ['a JPEG without a frame', 'screenshots', Buffer.from('ffd8ffe000104a464946', 'hex'), /no image/],
  ['no bytes', 'screenshots', new Uint8Array(0), /no image/],
]

test('an image of the wrong size, kind or transparency is 400 and changes nothing', async () => {
  await using at = await opened()
  const { amazon, path, edit } = at
  const { etag } = await amazon.want(200, 'GET', edit)
  for (const [what, type, bytes, message] of unfit) {
    const refused = await upload(amazon, `${path}/${type}`, bytes, 400)
    assert.deepEqual(codesOf(refused), ['invalid_input'], what)
    assert.match(refused.json.errors[0].errorMessage, message, what)
  }
  assert.equal((await amazon.want(200, 'GET', edit)).etag, etag)
})

test('image types that are none are 400, under every method', async () => {
  await using at = await opened()
  for (const type of ['icon', 'smallIcon', 'firetv-icon', 'small_icons', 'constructor', '__proto__']) {
    for (const [method, path] of [
      ['GET', `${at.path}/${type}`],
      ['POST', `${at.path}/${type}/upload`],
      ['DELETE', `${at.path}/${type}`],
    ] as const) {
      const refused = await at.amazon.want(400, method, path, undefined, { 'if-match': '*' })
      assert.deepEqual(refused.json.errors, [
        { errorCode: 'invalid_input', errorMessage: `Invalid image type ${type}` },
      ])
    }
  }
  const language = await at.amazon.want(400, 'GET', `${at.edit}/listings/xx-XX/screenshots`)
  assert.equal(language.json.errors[0].errorMessage, 'Invalid language xx-XX')
})

test('there are ten screenshots at most and five videos', async () => {
  await using at = await opened()
  const { amazon, path } = at
  for (let count = 4; count <= 10; count++) await upload(amazon, `${path}/screenshots`, screenshot)
  await upload(amazon, `${path}/screenshots`, screenshot, 400)
  for (let count = 1; count <= 5; count++) await upload(amazon, `${path}/videos`, mp4)
  await upload(amazon, `${path}/videos`, mp4, 400)
})

test('an image is deleted with 204, no body and a new tag [O25][7-3]', async () => {
  await using at = await opened()
  const { amazon, path } = at
  const slot = `${path}/screenshots`
  const before = await amazon.want(200, 'GET', slot)
  const [first, ...others] = idsOf(before.json)
  const deleted = await amazon.write(204, 'DELETE', `${slot}/${first}`, undefined, slot)
  assert.equal(deleted.text, '')
  const after = await amazon.want(200, 'GET', slot)
  assert.deepEqual(idsOf(after.json), others)
  assert.equal(after.etag, deleted.etag)
  assert.notEqual(after.etag, before.etag)
  await amazon.write(404, 'DELETE', `${slot}/${first}`, undefined, slot)
})

test('all images of a type are deleted with 204 and a tag, also when there are none [O26][7-35]', async () => {
  await using at = await opened()
  const { amazon, path } = at
  for (const type of ['screenshots', 'screenshots', 'firetv-icons']) {
    const slot = `${path}/${type}`
    const { etag, text } = await amazon.write(204, 'DELETE', slot)
    assert.equal(text, '')
    const after = await amazon.want(200, 'GET', slot)
    assert.deepEqual([after.text, after.etag], ['{"images":[]}', etag])
  }
})

test('videos are listed, added at both paths, and deleted one by one or all [O27][O28][O29][O30][7-32]', async () => {
  await using at = await opened()
  const { amazon, path } = at
  const slot = `${path}/videos`
  const none = await amazon.want(200, 'GET', slot)
  assert.equal(none.text, '{"videos":[]}')
  const one = await amazon.write(200, 'POST', `${slot}/upload`, mp4, slot)
  const two = await amazon.write(200, 'POST', slot, mp4)
  assert.deepEqual(Object.keys(two.json), ['video'])
  const both = await amazon.want(200, 'GET', slot)
  assert.deepEqual(idsOf(both.json, 'videos'), [one.json.video.id, two.json.video.id])
  assert.equal(both.etag, two.etag)
  const deleted = await amazon.write(204, 'DELETE', `${slot}/${one.json.video.id}`, undefined, slot)
  assert.ok(deleted.etag)
  await amazon.write(404, 'DELETE', `${slot}/${one.json.video.id}`, undefined, slot)
  const all = await amazon.write(204, 'DELETE', slot)
  assert.deepEqual([(await amazon.want(200, 'GET', slot)).text, all.text], ['{"videos":[]}', ''])
  await upload(amazon, slot, screenshot, 400)
})

test('image and video writes need If-Match: 400 without, 412 with a stale one [7-5][7-6]', async () => {
  await using at = await opened()
  const { amazon, path, edit } = at
  const { etag } = await amazon.want(200, 'GET', edit)
  const [first] = idsOf((await amazon.want(200, 'GET', `${path}/screenshots`)).json)
  for (const [method, where, body] of [
    ['POST', 'screenshots/upload', screenshot],
    ['DELETE', 'screenshots', undefined],
    ['DELETE', `screenshots/${first}`, undefined],
    ['POST', 'videos/upload', mp4],
    ['POST', 'videos', mp4],
    ['DELETE', 'videos', undefined],
  ] as const) {
    const missing = await amazon.want(400, method, `${path}/${where}`, body)
    assert.deepEqual(codesOf(missing), ['required_data_absent'])
    await amazon.want(412, method, `${path}/${where}`, body, { 'if-match': '"stale"' })
  }
  assert.equal((await amazon.want(200, 'GET', edit)).etag, etag)
})

test('one tag serves a language’s listing, images and videos, fresh in every answer; or each has its own [7-33]', async () => {
  await using at = await opened()
  const { amazon, path } = at
  // As a library does that keeps one tag and takes the new one of each answer.
  let { etag = '' } = await amazon.want(200, 'GET', path)
  const next = async (
    status: number,
    method: 'POST' | 'PUT' | 'DELETE',
    where: string,
    body?: object | Uint8Array,
  ) => {
    const answer = await amazon.want(status, method, where, body, { 'if-match': etag })
    assert.notEqual(answer.etag, etag)
    etag = answer.etag ?? ''
    return answer
  }
  const { json } = await next(200, 'POST', `${path}/screenshots/upload`, screenshot)
  await next(204, 'DELETE', `${path}/screenshots/${json.image.id}`)
  await next(204, 'DELETE', `${path}/firetv-icons`)
  await next(200, 'POST', `${path}/videos/upload`, mp4)
  await next(204, 'DELETE', `${path}/videos`)
  await next(200, 'PUT', path, { title: 'T', keywords: [] })
  assert.equal((await amazon.want(200, 'GET', `${path}/large-icons`)).etag, etag)

  await using separate = await opened({ amazonLanguageTag: 'separate' })
  const own = await separate.amazon.want(200, 'GET', separate.path)
  await upload(separate.amazon, `${separate.path}/screenshots`, screenshot)
  assert.equal((await separate.amazon.want(200, 'GET', separate.path)).etag, own.etag)
  await separate.amazon.want(412, 'DELETE', `${separate.path}/videos`, undefined, {
    'if-match': own.etag ?? '',
  })
})

test('an image is kept and its listing is unchanged until the bytes are known to fit', async () => {
  const seen: Uint8Array[] = []
  async function* source() {
    yield Buffer.alloc(400 * 1024, 1)
    yield Buffer.alloc(400 * 1024, 2)
  }
  let head = new Uint8Array(0)
  const keep = (bytes: Uint8Array) => {
    head = new Uint8Array(bytes)
  }
  for await (const chunk of examined(source(), keep)) seen.push(chunk)
  assert.equal(seen.length, 2)
  assert.equal(head.length, 512 * 1024)
  assert.deepEqual([head[0], head.at(-1)], [1, 2])
  await assert.rejects(async () => {
    const refusing = examined(source(), () => {
      throw new Error('unfit')
    })
    for await (const _chunk of refusing);
  }, /unfit/)
})

test('videos are known by their first bytes', () => {
  const transport = Buffer.alloc(400)
  transport[0] = 0x47
  transport[188] = 0x47
  const known = [
    mp4,
    Buffer.from('000001ba44000400', 'hex'),
    Buffer.from('000001b3160120', 'hex'),
    Buffer.from('FLV\x01\x05', 'latin1'),
    Buffer.from('3026b2758e66cf11', 'hex'),
    Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1'),
    transport,
  ]
  for (const bytes of known) assert.equal(isVideo(bytes), true, bytes.toString())
  for (const bytes of ['', 'RIFF\0\0\0\0WAVE', 'PK\x03\x04', 'G', 'moo']) {
    assert.equal(isVideo(Buffer.from(bytes, 'latin1')), false, bytes)
  }
  assert.equal(isVideo(screenshot), false)
})

test('no bytes whatever make the reader of images throw or last', () => {
  const started = performance.now()
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  for (const seed of [buildPng(20, 20), buildJpeg(20, 20)]) {
    for (let round = 0; round < 500; round++) {
      const bytes = Buffer.from(seed)
      for (let change = 0; change < 4; change++) bytes[2 + (random() % (bytes.length - 2))] = random() & 0xff
      readImage(bytes.subarray(0, random() % (bytes.length + 1)))
    }
  }
  for (const fill of [0x00, 0xff, 0xc0]) {
    const bytes = Buffer.alloc(512 * 1024, fill)
    bytes.set([0xff, 0xd8])
    readImage(bytes)
  }
  assert.ok(performance.now() - started < 5000)
})
