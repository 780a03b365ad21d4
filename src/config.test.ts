import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, readConfig, settings } from './config.ts'

function problemsOf(flags: Parameters<typeof readConfig>[0], env: Parameters<typeof readConfig>[1]) {
  try {
    readConfig(flags, env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    for (const problem of error.problems) assert.ok(error.message.includes(problem))
    return error.problems
  }
  return []
}

test('without flags and environment it is a sandbox on loopback with automatic reviews', () => {
  const config = readConfig({}, {})
  assert.equal(config.mode, 'sandbox')
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 7070)
  assert.equal(config.review, 'automatic')
  assert.equal(config.seed, null)
  assert.equal(config.pace, 1)
  assert.deepEqual(config.steps, new Map())
})

test('every setting can be given in the environment', () => {
  const config = readConfig(
    {},
    {
      SLIPWAY_MODE: 'store',
      SLIPWAY_HOST: '0.0.0.0',
      SLIPWAY_PORT: '0',
      SLIPWAY_DATA: '/data',
      SLIPWAY_SEED: 'seed.json',
      SLIPWAY_REVIEW: 'automatic',
      SLIPWAY_PACE: '0.5',
      SLIPWAY_STEPS: 'edge.InReview=0, microsoft.Certification = 60000,',
      SLIPWAY_LOG: 'error',
      SLIPWAY_BODY_IDLE_MS: '1000',
      SLIPWAY_DRAIN_MS: '0',
      SLIPWAY_EDGE_V1: 'gone',
      SLIPWAY_TOKEN_ALGORITHM: 'HS256',
    },
  )
  assert.partialDeepStrictEqual(config, {
    mode: 'store',
    host: '0.0.0.0',
    port: 0,
    data: '/data',
    seed: 'seed.json',
    review: 'automatic',
    pace: 0.5,
    log: 'error',
    bodyIdleMs: 1000,
    drainMs: 0,
    edgeV1: 'gone',
    tokenAlgorithm: 'HS256',
  })
  assert.deepEqual(Object.fromEntries(config.steps), {
    'edge.InReview': 0,
    'microsoft.Certification': 60_000,
  })
  assert.deepEqual(Object.keys(config).sort(), Object.keys(settings).sort())
})

for (const [name, { env, read, default: fallback }] of Object.entries(settings)) {
  test(`${env} has a name of its own, and what it is without being given can be given`, () => {
    assert.match(env, /^(SLIPWAY_[A-Z0-9_]+|DATABASE_URL)$/)
    assert.equal(Object.values(settings).filter((other) => other.env === env).length, 1)
    const config: { readonly [name: string]: unknown } = { ...readConfig({}, { [env]: fallback }) }
    assert.deepEqual(config[name], read(fallback, {}))
  })
}

test('a flag goes before the environment, and an empty value is none', () => {
  assert.equal(readConfig({ port: '1' }, { SLIPWAY_PORT: '2' }).port, 1)
  assert.equal(readConfig({}, { SLIPWAY_PORT: '2' }).port, 2)
  assert.equal(readConfig({}, { SLIPWAY_PORT: '' }).port, 7070)
  assert.equal(readConfig({ log: undefined }, { SLIPWAY_LOG: 'debug' }).log, 'debug')
})

test('store mode waits for people to review, unless it is told otherwise', () => {
  assert.equal(readConfig({ mode: 'store' }, {}).review, 'manual')
  assert.equal(readConfig({}, { SLIPWAY_MODE: 'store' }).review, 'manual')
  assert.equal(readConfig({ mode: 'store', review: 'automatic' }, {}).review, 'automatic')
  assert.equal(readConfig({ mode: 'sandbox', review: 'manual' }, {}).review, 'manual')
  assert.equal(readConfig({ mode: 'sandbox' }, { SLIPWAY_MODE: 'store' }).review, 'automatic')
})

test('all problems are said at once, each with its setting, what was given and what would do', () => {
  const problems = problemsOf(
    { port: '70000', pace: '-1' },
    {
      SLIPWAY_MODE: 'production',
      SLIPWAY_STEPS: 'InReview=soon',
      SLIPWAY_BODY_IDLE_MS: '1.5',
      SLIPWAY_TOKEN_ALGORITHM: 'none',
      SLIPWAY_PROT: '7070',
      PATH: '/bin',
    },
  )
  assert.deepEqual(
    problems.map((problem) => problem.split(':', 1)[0]),
    [
      'SLIPWAY_MODE',
      'SLIPWAY_PORT',
      'SLIPWAY_PACE',
      'SLIPWAY_STEPS',
      'SLIPWAY_BODY_IDLE_MS',
      'SLIPWAY_TOKEN_ALGORITHM',
      'SLIPWAY_PROT',
    ],
  )
  assert.match(problems[0] ?? '', /sandbox or store, not 'production'/)
  assert.match(problems[1] ?? '', /0 to 65535, not '70000'/)
  assert.match(problems[3] ?? '', /store\.Step=milliseconds, not 'InReview=soon'/)
})

for (const [name, value] of [
  ['SLIPWAY_PORT', '-1'],
  ['SLIPWAY_PORT', '1e3'],
  ['SLIPWAY_PORT', ' 80'],
  ['SLIPWAY_PORT', '٣'],
  ['SLIPWAY_PACE', 'fast'],
  ['SLIPWAY_PACE', ' '],
  ['SLIPWAY_PACE', 'NaN'],
  ['SLIPWAY_PACE', 'Infinity'],
  ['SLIPWAY_BODY_IDLE_MS', '0'],
  ['SLIPWAY_DRAIN_MS', '99999999999'],
  ['SLIPWAY_STEPS', 'edge.InReview'],
  ['SLIPWAY_STEPS', 'edge.InReview=-5'],
  ['SLIPWAY_STEPS', 'edge.InReview=5;edge.Other=6'],
  ['SLIPWAY_REVIEW', 'Automatic'],
  ['SLIPWAY_LOG', 'loud'],
] as const) {
  test(`${name} cannot be '${value}'`, () => {
    const problems = problemsOf({}, { [name]: value })
    assert.equal(problems.length, 1)
    assert.ok(problems[0]?.startsWith(`${name}: `))
  })
}

test('a variable that is no setting is refused, as it is likely a misspelt one', () => {
  assert.deepEqual(problemsOf({}, { SLIPWAY_BODY_IDLE: '5' }), [
    'SLIPWAY_BODY_IDLE: there is no such setting; see slipway serve --help',
  ])
  assert.deepEqual(problemsOf({}, { slipway_port: '5', NOT_SLIPWAY_PORT: 'x' }), [])
})

test('what the commands that talk to a server read is no misspelling', () => {
  assert.deepEqual(problemsOf({}, { SLIPWAY_URL: 'http://localhost', SLIPWAY_TOKEN: 'x' }), [])
})

test('jobs can be left to others only where others can get at them, and faults only to one process', () => {
  const shared = { DATABASE_URL: 'postgres://localhost/slipway' }
  assert.equal(readConfig({}, {}).jobs, 4)
  assert.equal(readConfig({ jobs: '0' }, shared).jobs, 0)
  assert.match(problemsOf({ jobs: '0' }, {})[0] ?? '', /^SLIPWAY_JOBS: .*DATABASE_URL/)
  assert.match(problemsOf({ jobs: '0', faults: 'faults.json' }, shared)[0] ?? '', /^SLIPWAY_FAULTS: /)
})
