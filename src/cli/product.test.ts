import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startApi } from '../../test/helpers/api-server.ts'
import { runCommand, spawnCommand } from '../../test/helpers/run-command.ts'
import type { Page } from '../api/schema.ts'
import type { Product, SubmissionDetails } from '../client/index.ts'
import { productCommand } from './product.ts'

async function connected() {
  const api = await startApi()
  const url = await api.http.listen({ host: '127.0.0.1', port: 0 })
  const connection = ['--url', url, '--token', api.tokenOf.contoso]
  const run = ([name = '', ...args]: readonly string[]) =>
    runCommand(productCommand(), [name, ...connection, ...args])
  const env = { SLIPWAY_URL: url, SLIPWAY_TOKEN: api.tokenOf.contoso }
  const spawn = (args: readonly string[], stdin = '') =>
    spawnCommand('cli/product.ts#productCommand', args, { env, stdin })
  return { api, run, spawn }
}

const gadget = ['--store', 'workshop', '--kind', 'gadget']

test('create, list and show, for a person and for a machine', async () => {
  const { api, run } = await connected()
  await using _ = api
  const made = await run(['create', 'My gadget', ...gadget, '--id', 'g-1', '--published', '--json'])
  assert.deepEqual([made.code, made.err], [0, ''])
  const product = JSON.parse(made.out) as Product
  assert.deepEqual([product.id, product.name, product.accountId], ['g-1', 'My gadget', 'contoso'])
  await run(['create', 'Another', ...gadget, '--id', 'gadget-2', '--identity', 'Contoso.Another'])

  const list = await run(['list'])
  assert.equal(
    list.out,
    [
      'ID        STORE     KIND    NAME       IDENTITY',
      'g-1       workshop  gadget  My gadget  -',
      'gadget-2  workshop  gadget  Another    Contoso.Another',
      '',
    ].join('\n'),
  )
  const lines = (await run(['list', '--json'])).out.trim().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as Product).id),
    ['g-1', 'gadget-2'],
  )
  assert.match((await run(['list', '--store', 'edge'])).out, /^No products yet/)

  const shown = await run(['show', 'g-1'])
  assert.match(shown.out, /^id +g-1\nname +My gadget\n/)
  assert.match(
    shown.out,
    /\nSUBMISSION +STEP +PHASE +VERSION +TITLE +SINCE\n\S+ +Live +live +- +- +2026-01-01 00:00:00\n$/,
  )
  const { submissions } = JSON.parse((await run(['show', 'g-1', '--json'])).out) as {
    submissions: SubmissionDetails[]
  }
  assert.equal(submissions[0]?.phase, 'live')
})

test('the findings of the newest submission are shown', async () => {
  const { api, run } = await connected()
  await using _ = api
  await run(['create', 'Gadget', ...gadget, '--id', 'g-1', '--published'])
  const { id } = (await api.ask<{ id: string }>('POST', '/products/g-1/submissions')).json
  await api.ask('PUT', `/submissions/${id}/content`, { body: { title: 'x' } })
  await api.engine.publishDraft(api.actor('contoso'), { store: 'workshop', productId: 'g-1', notes: '' })
  await api.settle()
  await api.ask('POST', `/submissions/${id}/reject`, { as: 'operator', body: { message: 'Not yet.' } })
  const { out } = await run(['show', 'g-1'])
  assert.match(out, new RegExp(`SINCE\n${id} +Rejected`))
  assert.match(out, /\nerror review-rejected: Not yet\.\n/)
})

test('content that was published comes from a file', async () => {
  const { api, run } = await connected()
  await using _ = api
  const file = join(tmpdir(), `slipway-content-${process.pid}.json`)
  await writeFile(file, '{"title":"From a file"}')
  await run(['create', 'One', ...gadget, '--id', 'g-1', '--published', file])
  assert.match((await run(['show', 'g-1'])).out, /From a file/)
  for (const content of ['[]', '{', '']) {
    await writeFile(file, content)
    const { code, err } = await run(['create', 'Three', ...gadget, '--published', file])
    assert.equal(code, 2, err)
  }
  await rm(file)
  const missing = await run(['create', 'Three', ...gadget, '--published', file])
  assert.equal(missing.code, 2)
  assert.match(missing.err, /ENOENT/)
})

test('a process reads the environment and stdin, and ends with the exit code', {
  timeout: 30_000,
}, async () => {
  const { api, spawn } = await connected()
  await using _ = api
  const [made, refused, misused] = await Promise.all([
    spawn(
      ['create', 'Two', ...gadget, '--id', 'g-2', '--published', '-', '--json'],
      '{"title":"From stdin"}',
    ),
    spawn(['show', 'none']),
    spawn(['show']),
  ])
  assert.deepEqual([made.code, made.err], [0, ''])
  const { json } = await api.ask<Page<SubmissionDetails>>('GET', '/products/g-2/submissions')
  assert.equal(json.items[0]?.summary.title, 'From stdin')
  assert.deepEqual([refused.code, refused.out], [1, ''])
  assert.deepEqual([misused.code, misused.out], [2, ''])
})

test('names from elsewhere cannot steer the terminal', async () => {
  const { api, run } = await connected()
  await using _ = api
  await run(['create', 'a\u001b[2Jb\nc', ...gadget, '--id', 'g-1'])
  const { out } = await run(['list'])
  assert.match(out, /a\ufffd\[2Jb\ufffdc/)
})

test('a refusal ends with 1 and says what to do next', async () => {
  const { api, run } = await connected()
  await using _ = api
  for (const [args, says] of [
    [['show', 'none'], /no such product\n.*slipway product list/],
    [['create', 'x', '--store', 'nowhere', '--kind', 'gadget'], /no store 'nowhere'/],
    [['create', 'x', '--store', 'workshop', '--kind', 'gizmo'], /only gadget/],
    [['list', '--token', 'wrong'], /unknown, expired or revoked token\n.*SLIPWAY_TOKEN/],
  ] as const) {
    const { code, out, err } = await run([...args])
    assert.deepEqual([code, out], [1, ''], err)
    assert.match(err, says)
  }
})

test('wrong usage, no token and nobody there end with 2', async () => {
  const { api, run } = await connected()
  await using _ = api
  for (const [args, says] of [
    [['create', 'x'], /--store/],
    [['show'], /missing required argument/],
    [['list', '--colour'], /unknown option/],
    [['frobnicate'], /unknown command/],
    [['list', '--token', ''], /no token\n.*SLIPWAY_TOKEN/],
    [['list', '--url', 'localhost'], /'localhost' is not a URL.*\n.*--url/],
  ] as const) {
    const { code, err } = await run([...args])
    assert.equal(code, 2, err)
    assert.match(err, says)
  }
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const address = closed.address()
  await new Promise((resolve) => closed.close(resolve))
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const gone = await run(['list', '--url', url])
  assert.equal(gone.code, 2)
  assert.match(gone.err, /nobody answers at http:\/\/127\.0\.0\.1:\d+\n.*slipway serve/)
})

test('help is no error, names the environment and gives examples', async () => {
  for (const args of [['--help'], ['create', '--help'], ['list', '--help'], ['show', '--help']]) {
    const { code, out } = await runCommand(productCommand(), args)
    assert.equal(code, 0)
    assert.match(out, /Examples:\n {2}slipway product/)
    if (args.length > 1) assert.match(out, /SLIPWAY_URL[\s\S]*SLIPWAY_TOKEN/)
  }
})
