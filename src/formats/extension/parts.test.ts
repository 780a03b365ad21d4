import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildPng } from '../../../test/helpers/extension-builder.ts'
import { recogniseImage } from './images.ts'
import { type Json, parseJson } from './json.ts'
import { patternProblem } from './match-pattern.ts'
import { messageKeys, messageText, resolveText } from './messages.ts'
import { MemberMeter } from './rule-metadata.ts'

const parse = (text: string) => parseJson(Buffer.from(text))

test('JSON is read as Chromium reads it, and what is not standard is told', () => {
  const standard: [string, Json][] = [
    ['{"a":"//x","b":"/*"}', { a: '//x', b: '/*' }],
    ['\ufeff{}', {}],
    [' [1] ', [1]],
  ]
  for (const [text, value] of standard) assert.deepEqual(parse(text), { value, nonstandard: false })
  const relaxed: [string, Json][] = [
    ['// a\n{"a": 1} // b', { a: 1 }],
    ['{/* "x" */"a":"b\\"//c"}', { a: 'b"//c' }],
    ['{"a":"tab\there"}', { a: 'tab\there' }],
    ['{"a":"\\x41\\v\\\\x"}', { a: 'A\v\\x' }],
  ]
  for (const [text, value] of relaxed) assert.deepEqual(parse(text), { value, nonstandard: true })
  for (const text of ['', '{', '{"a":1,}', "{'a':1}", '{"a":1} /* b', '"a', '//', '{"a":"b\\']) {
    assert.equal(typeof parse(text).error, 'string', text)
  }
  assert.equal(parseJson(Buffer.of(0x22, 0xff, 0x22)).error, 'Save it as UTF-8.')
})

test('keys of a manifest named as members of Object are only keys', () => {
  const parsed = parse('{"__proto__":{"x":1},"constructor":2}')
  assert.ok(parsed.error === undefined)
  assert.deepEqual(Object.keys(parsed.value ?? {}), ['__proto__', 'constructor'])
})

test('references to messages are found and replaced', () => {
  assert.deepEqual(messageKeys('a __MSG_one__ b __MSG_Two_2__ __MSG_ no __ __MSG_@@ui_locale__'), [
    'one',
    'Two_2',
    '@@ui_locale',
  ])
  const look = (key: string) => ({ one: '1', app_name: 'App' })[key]
  assert.equal(resolveText('__MSG_ONE__-__MSG_none__-__MSG_app_name__', look), '1-__MSG_none__-App')
  assert.equal(resolveText('__MSG_ unfinished', look), '__MSG_ unfinished')
})

test('placeholders are filled in as in Chromium', () => {
  const placeholders = { who: { content: 'you ($1)' } }
  assert.equal(messageText({ message: 'I $WHO$ $$5 $none$ $2', placeholders }), 'I you ($1) $5 $none$ ')
  assert.equal(messageText({ message: 7 }), undefined)
  assert.equal(messageText('text'), undefined)
})

test('match patterns are refused only for what Chromium surely refuses', () => {
  const good = [
    '<all_urls>',
    '*://*/*',
    'https://*.example.com/*',
    'http://localhost:3000/*',
    'http://*:8080/*',
    'file:///*',
    'file://*',
    'chrome://newtab/*',
    'moz-extension://*/*',
    'https://example.com/a*b?c=*',
  ]
  for (const pattern of good) assert.equal(patternProblem(pattern), undefined, pattern)
  const bad = [
    '',
    '*',
    '://a/',
    'https:/a/',
    'https://a',
    'https:///a',
    'https://a*b/',
    'https://*foo/*',
    'file://',
  ]
  for (const pattern of bad) assert.equal(typeof patternProblem(pattern), 'string', pattern)
})

test('images are known by their first bytes', () => {
  assert.deepEqual(recogniseImage(buildPng(48, 32)), { kind: 'PNG', width: 48, height: 32 })
  const gif = Buffer.from('GIF89a\x10\x00\x20\x00')
  assert.deepEqual(recogniseImage(gif), { kind: 'GIF', width: 16, height: 32 })
  const bmp = Buffer.alloc(54)
  bmp.write('BM')
  bmp.writeInt32LE(16, 18)
  bmp.writeInt32LE(-16, 22)
  assert.deepEqual(recogniseImage(bmp), { kind: 'BMP', width: 16, height: 16 })
  const app0 = [0xff, 0xe0, 0, 4, 0, 0]
  const jpeg = Buffer.from([0xff, 0xd8, ...app0, 0xff, 0xff, 0xc0, 0, 11, 8, 0, 64, 0, 32, 1, 1, 17, 0, 0, 0])
  assert.deepEqual(recogniseImage(jpeg), { kind: 'JPEG', width: 32, height: 64 })
  assert.deepEqual(recogniseImage(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff])), { kind: 'JPEG' })
  const kinds: [string, string][] = [
    ['\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\0\0\0\0\x16\0\0\0', 'ICO'],
    ['RIFF....WEBPVP8 ', 'WebP'],
    ['\0\0\0\x1cftypavif', 'AVIF'],
    ['  <svg/>', 'SVG'],
    ['\x89PNG\r\n\x1a\n', 'unknown'],
    ['GIF8', 'unknown'],
    ['hello', 'unknown'],
    ['', 'unknown'],
  ]
  for (const [start, kind] of kinds) assert.equal(recogniseImage(Buffer.from(start, 'latin1')).kind, kind)
})

test("the largest 'metadata' of a list of rules is measured in whatever chunks it comes", () => {
  const largest = (json: string, step: number) => {
    const meter = new MemberMeter('metadata')
    const bytes = Buffer.from(json)
    for (let at = 0; at < bytes.length; at += step) meter.feed(bytes.subarray(at, at + step))
    return meter.largest
  }
  const deep = { metadata: 'not this one, which is the longest', x: { metadata: 'nor this' } }
  const rules = [
    { id: 1, metadata: { a: [1, 2, '}],"'] } },
    { metadata: 'ab', id: 'metadata', action: deep },
    {},
  ]
  for (const step of [1, 2, 3, 1000]) {
    assert.equal(largest(JSON.stringify(rules), step), JSON.stringify(rules[0]?.metadata).length)
    assert.equal(largest('[{"metad\\u0061ta":1,"metadata" : "x" }]', step), ' "x" '.length)
    assert.equal(largest('metadata ]]}}"metadata": {', step), 0)
  }
})
