import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { errorCodes, refusals } from '../engine/index.ts'
import { faultCheck, readFaults } from './read-faults.ts'

const names = { stores: ['edge', 'entra'], steps: ['InReview', 'WaitingToPublish'] }
const check = faultCheck(names)
const finding = { code: 'x', severity: 'error', message: 'no' }

test('every effect there is can be asked for', () => {
  const effects = [
    ...errorCodes.map((error) => ({ error })),
    { error: 'rate_limited', message: 'Try again in 2 seconds.' },
    { answer: { status: 503 } },
    { answer: { status: 429, reason: 'Slow down', headers: { 'retry-after': '1' }, body: { a: [1] } } },
    { answer: { status: 200, body: null } },
    { delayMs: 0 },
    { drop: 'request' },
    { drop: 'reply' },
    { step: 'InReview', fail: finding },
    { step: 'InReview', stall: true },
    ...refusals.map((refusal) => ({ operation: 'upload', refusal })),
    { operation: 'publish', refusal: 'package_invalid', findings: [finding, { ...finding, target: 'x' }] },
    { operation: 'publish', stall: true },
  ]
  for (const effect of effects) {
    assert.deepEqual(check({ match: {}, effect }, 'fault'), [], JSON.stringify(effect))
  }
})

for (const [what, fault, problem] of [
  ['no match', { effect: { delayMs: 1 } }, /fault\.match must be an object/],
  ['no effect', { match: {} }, /fault\.effect must be an object/],
  [
    'an empty effect',
    { match: {}, effect: {} },
    /fault\.effect must have one of error, answer, delayMs, drop/,
  ],
  ['two effects', { match: {}, effect: { delayMs: 1, drop: 'reply' } }, /fault\.effect must have one of/],
  ['an unknown member', { match: { when: 1 }, effect: { delayMs: 1 } }, /fault\.match\.when is not known/],
  ['a store that is none', { match: { store: 'edgy' }, effect: { delayMs: 1 } }, /store must be edge, entra/],
  ['a method that is none', { match: { method: 'post' }, effect: { delayMs: 1 } }, /method must be GET, /],
  ['a route without its slash', { match: { route: 'v1' }, effect: { delayMs: 1 } }, /route must be a path/],
  ['a route with a query', { match: { route: '/v1?x' }, effect: { delayMs: 1 } }, /route must be a path/],
  ['nth 0', { match: { nth: 0 }, effect: { delayMs: 1 } }, /nth must be a whole number from 1/],
  ['times 1.5', { match: { times: 1.5 }, effect: { delayMs: 1 } }, /times must be a whole number/],
  [
    'a probability of 2',
    { match: { probability: 2 }, effect: { delayMs: 1 } },
    /probability must be a number from 0 to 1/,
  ],
  ['an error that is none', { match: {}, effect: { error: 'oops' } }, /error must be unauthenticated, /],
  [
    'a status of 100',
    { match: {}, effect: { answer: { status: 100 } } },
    /status must be a whole number from 200/,
  ],
  [
    'a header of two lines',
    { match: {}, effect: { answer: { status: 200, headers: { a: 'b\r\nc: d' } } } },
    /headers\.a must be a text of one line/,
  ],
  [
    'a header name that is none',
    { match: {}, effect: { answer: { status: 200, headers: { 'a b': 'c' } } } },
    /no header of the name 'a b'/,
  ],
  [
    'headers that are none',
    { match: {}, effect: { answer: { status: 200, headers: 'x' } } },
    /headers must be an object/,
  ],
  [
    'a reason of two lines',
    { match: {}, effect: { answer: { status: 200, reason: 'a\nb' } } },
    /reason must be a text of one line/,
  ],
  ['a drop of nothing', { match: {}, effect: { drop: 'both' } }, /drop must be request, reply/],
  [
    'a step that is none',
    { match: {}, effect: { step: 'Reviewing', stall: true } },
    /step must be a step .* not 'Reviewing'/,
  ],
  [
    'a step that both fails and stalls',
    { match: {}, effect: { step: 'InReview', stall: true, fail: finding } },
    /must have one of fail, stall/,
  ],
  [
    'a finding without a message',
    { match: {}, effect: { step: 'InReview', fail: { code: 'x', severity: 'error' } } },
    /fail\.message must be a text/,
  ],
  [
    'a refusal that is none',
    { match: {}, effect: { operation: 'publish', refusal: 'no' } },
    /refusal must be never_published/,
  ],
  ['a fault that is a list', [], /fault must be an object/],
] as const) {
  test(`a fault with ${what} is refused`, () => {
    assert.match(check(fault, 'fault').join('\n'), problem)
  })
}

test('a file names all its problems at once, and where they are', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'faults.json')
  const write = (value: unknown) => writeFile(path, typeof value === 'string' ? value : JSON.stringify(value))

  await write({ seed: 0, faults: [{ match: { nth: -1 }, effect: { drop: 'x' } }, 7], more: 1 })
  await assert.rejects(readFaults(path, names), ({ message }: Error) => {
    assert.ok(message.startsWith(`the fault file ${path} is not usable:\n  `))
    const problems = message.split('\n').slice(1)
    assert.equal(problems.length, 5)
    assert.match(message, /\.more is not known; there are seed, faults/)
    assert.match(message, /\.seed must be a whole number from 1/)
    assert.match(message, /\.faults\[0\]\.match\.nth must be/)
    assert.match(message, /\.faults\[0\]\.effect\.drop must be/)
    assert.match(message, /\.faults\[1\] must be an object/)
    return true
  })
  await write('{')
  await assert.rejects(readFaults(path, names), /cannot be read: .*JSON/)
  await assert.rejects(readFaults(join(folder, 'none.json'), names), /cannot be read: ENOENT/)
  await write({ seed: 7, faults: [{ match: {}, effect: { delayMs: 1 } }] })
  assert.deepEqual(await readFaults(path, names), {
    seed: 7,
    faults: [{ match: {}, effect: { delayMs: 1 } }],
  })
})
