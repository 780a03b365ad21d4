import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../test/helpers/ask.ts'
import { edgePaths, keyHeaders, seeded, startEdge } from '../../../test/helpers/edge-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { readNotes } from './notes.ts'

const form = 'application/x-www-form-urlencoded'

/** Every publish body known to be sent (edge-addons.md 1.3): who, Content-Type, body, notes. */
const bodies: readonly (readonly [
  who: string,
  type: string | undefined,
  body: string | undefined,
  notes: string,
])[] = [
  ['reference page', undefined, 'Please look at the new popup.', 'Please look at the new popup.'],
  ['using page, by curl -d', form, '{ "notes"="text value" }', 'text value'],
  ['official PowerShell sample', 'application/zip', 'notes=text+value', 'text value'],
  ['publish-browser-extension, wxt', 'application/json', '{}', ''],
  ['web-ext-deploy, edge-webstore-upload', 'application/json', '{"notes":"a \\"b\\" c"}', 'a "b" c'],
  ['plasmo without notes', form, undefined, ''],
  ['plasmo with quotes in the notes', form, '{ "notes"="say "hi" to all" }', 'say "hi" to all'],
  ['wdzeng', form, 'Fixes 100% of a+b & c=d', 'Fixes 100% of a+b & c=d'],
  ['wdzeng without notes', form, '', ''],
  ['python-edge-addons-api', form, 'notes=a+b+%26+c', 'a b & c'],
  ['birchill, wepub', 'text/plain; charset=utf-8', 'Überarbeitet – 日本語', 'Überarbeitet – 日本語'],
  ['scripts', undefined, undefined, ''],
]

test('every publish body that clients send is 202 and read as meant, whatever its Content-Type [6-6][6-7][6-8][6-9]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  for (const [who, type, body, notes] of bodies) {
    const answer = await publish(address, type, body)
    assert.equal(answer.status, 202, who)
    assert.equal(await notesOf(server, answer.headers.location ?? ''), notes, who)
  }
})

test('the same body means the same under every Content-Type [6-6]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const types = [
    undefined,
    'application/json',
    form,
    'text/plain',
    'application/zip',
    'multipart/form-data',
    'x',
    '',
  ]
  for (const type of types) {
    for (const [body, notes] of [
      ['{"notes":"one"}', 'one'],
      ['{ "notes"="two" }', 'two'],
      ['notes=th%72ee', 'three'],
      ['four', 'four'],
      ['{ broken', '{ broken'],
    ] as const) {
      const answer = await publish(address, type, body)
      assert.equal(answer.status, 202, `${type} ${body}`)
      assert.equal(await notesOf(server, answer.headers.location ?? ''), notes, `${type} ${body}`)
    }
  }
})

test("Microsoft's own sample is no JSON and is understood [6-7]", () => {
  assert.equal(readNotes('{ "notes"="text value" }'), 'text value')
  assert.equal(readNotes('{"notes"="text value"}'), 'text value')
  assert.equal(readNotes('{ notes="text value" }'), 'text value')
  assert.equal(readNotes(' { "notes" = "two\nlines" } \n'), 'two\nlines')
  assert.equal(readNotes('{ "notes"="" }'), '')
  assert.equal(readNotes('{ "notes"="}" }'), '}')
})

test('what only looks like the sample is kept as it is [6-7]', () => {
  for (const text of [
    '{ "notes"="',
    '{ "notes"=text }',
    '{ "note"="x" }',
    '{ "notes"="x"',
    '{"notes"',
    '{',
    '}',
  ]) {
    assert.equal(readNotes(text), text)
  }
})

test('prose that is labelled as a form keeps its + % & and = [6-8]', () => {
  for (const text of [
    '1+1=2 & 100%',
    'see a=b&notes=c',
    'Notes=capital',
    'my notes=here',
    '%6eotes=x',
    '+',
  ]) {
    assert.equal(readNotes(text), text)
  }
})

test('a form whose first field is notes is decoded', () => {
  assert.equal(readNotes('notes=a+b+%26+c'), 'a b & c')
  assert.equal(readNotes('notes=%C3%9C&other=x'), 'Ü')
  assert.equal(readNotes('notes='), '')
  assert.equal(readNotes('notes=100%'), '100%')
})

test('an empty body, an empty object and an object without notes are no notes [6-9]', () => {
  for (const text of [
    '',
    '  \r\n',
    '{}',
    '{"note":"x"}',
    '{"notes":null}',
    '{"notes":5}',
    '{"notes":["x"]}',
  ]) {
    assert.equal(readNotes(text), '')
  }
})

test('other JSON than an object is text', () => {
  for (const text of ['"quoted"', '[1]', 'null', '12', 'true']) assert.equal(readNotes(text), text)
})

test('plain text keeps its lines and blanks, and JSON notes theirs', () => {
  assert.equal(readNotes('  indented\r\n\r\nlast \n'), '  indented\r\n\r\nlast \n')
  assert.equal(readNotes('{"notes":"  a\\nb "}'), '  a\nb ')
})

test('a body that would take a careless pattern long is read at once', () => {
  const begin = performance.now()
  for (const text of [
    `{${' '.repeat(500_000)}`,
    `{ "notes"=${'"'.repeat(500_000)}`,
    'notes='.repeat(100_000),
  ]) {
    readNotes(text)
  }
  assert.ok(performance.now() - begin < 1000)
})

test('bytes that are no UTF-8 are taken too', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const answer = await publish(address, 'text/plain', Buffer.from([0x61, 0xff, 0xfe, 0x62]))
  assert.equal(answer.status, 202)
  assert.equal(await notesOf(server, answer.headers.location ?? ''), 'a\ufffd\ufffdb')
})

test('a megabyte of notes is taken, and more is 413 with an empty body and no operation', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const most = 'x'.repeat(1024 * 1024)
  const taken = await publish(address, 'text/plain', most)
  assert.equal(taken.status, 202)
  const before = await server.engine.listEvents(operator, { after: 0, limit: 1000 })
  const refused = await publish(address, 'text/plain', `${most}x`)
  assert.equal(refused.status, 413)
  assert.equal(refused.body, '')
  assert.equal(refused.headers.connection, 'close')
  await server.settle()
  const after = await server.engine.listEvents(operator, { after: before.at(-1)?.seq ?? 0, limit: 1000 })
  assert.deepEqual(
    after.filter(({ type }) => type === 'operation.started'),
    [],
  )
})

function publish(address: string, type: string | undefined, body: string | Uint8Array | undefined) {
  return ask(address, {
    method: 'POST',
    path: edgePaths().submissions,
    headers: {
      ...keyHeaders,
      connection: 'keep-alive',
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    body: body ?? '',
  })
}

async function notesOf(server: TestServer, operationId: string): Promise<string> {
  const operation = await server.engine.getOperation(operator, {
    store: 'edge',
    productId: seeded.productId,
    operationId,
    kind: 'publish',
  })
  return operation.notes
}
