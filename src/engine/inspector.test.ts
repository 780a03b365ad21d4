import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { dashboard, edgeClient } from '../../test/helpers/edge-client.ts'
import { buildExtension } from '../../test/helpers/extension-builder.ts'
import { operator } from '../../test/helpers/scenario.ts'
import { startServer } from '../../test/helpers/start-server.ts'
import {
  createInspector,
  defaultInspectorLimits,
  InspectionFailed,
  type InspectionRequest,
  type InspectorLimits,
} from './inspector.ts'

/** A reader that behaves as badly as the package's name says. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
import { parentPort, threadId } from 'node:worker_threads'
const answer = (more) => parentPort.postMessage({ result: { format: 'x', sound: true, facts: { threadId }, findings: [], ...more } })
parentPort.on('message', ({ name }) => {
  if (name === 'loops') for (;;);
  if (name === 'allocates') for (const kept = [];;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
  if (name === 'throws') throw new Error('a fault of ours')
  if (name === 'rejects') return void Promise.reject(new Error('nobody caught this'))
  if (name === 'exits') process.exit(7)
  if (name === 'cannot read') return parentPort.postMessage({ error: 'EIO: i/o error' })
  if (name === 'is silent') return
  if (name === 'dies afterwards') setTimeout(() => process.exit(0), 20)
  if (name === 'takes a while') return void setTimeout(answer, 100, {})
  answer()
})`)}`,
)

const limits: InspectorLimits = {
  ...defaultInspectorLimits,
  memoryMb: 32,
  timeMs: 10_000,
  timePerMiB: 10_000,
  threads: 1,
}

const asked = (name: string): InspectionRequest => ({
  parts: [{ path: '/nowhere', size: 0 }],
  name,
  size: 0,
})

/** Large enough to be given time also on a busy machine. */
const isWell: InspectionRequest = { ...asked('is well'), size: 1024 ** 2 }

const options = { timeout: 30_000 }

for (const [name, time, reason] of [
  ['loops', 400, /loops: not done after 400 ms/],
  ['is silent', 400, /is silent: not done after 400 ms/],
  ['allocates', 20_000, /allocates: .*memory/],
  ['throws', 10_000, /a fault of ours/],
  ['rejects', 10_000, /nobody caught this/],
  ['exits', 10_000, /the inspection thread ended/],
  ['cannot read', 10_000, /i\/o error/],
] as const) {
  test(
    `a reader that ${name} gives no verdict, is ended, and the next package is read`,
    options,
    async () => {
      await using inspector = createInspector({ ...limits, timeMs: time }, script)
      const failing = inspector.inspect(asked(name))
      const [failed, next] = await Promise.allSettled([failing, inspector.inspect(isWell)])
      assert.ok(failed.status === 'rejected')
      assert.ok(failed.reason instanceof InspectionFailed)
      assert.match(failed.reason.message, reason)
      assert.ok(next.status === 'fulfilled' && next.value.sound)
      assert.equal((await inspector.inspect(isWell)).facts.threadId, next.value.facts.threadId)
    },
  )
}

test('larger packages are given more time', options, async () => {
  await using inspector = createInspector({ ...limits, timeMs: 0, timePerMiB: 5000 }, script)
  await assert.rejects(inspector.inspect(asked('takes a while')), /not done after 0 ms/)
  const inspection = await inspector.inspect({ ...asked('takes a while'), size: 2 * 1024 ** 2 })
  assert.ok(inspection.sound)
})

test('as many packages are read at once as there are threads, the others in turn', options, async () => {
  await using inspector = createInspector({ ...limits, threads: 2 }, script)
  const read = await Promise.all(Array.from({ length: 6 }, () => inspector.inspect(asked('takes a while'))))
  assert.equal(new Set(read.map(({ facts }) => facts.threadId)).size, 2)
})

test('a thread that died while it was idle is not asked again', options, async () => {
  await using inspector = createInspector({ ...limits, timeMs: 5000 }, script)
  const first = await inspector.inspect({ ...asked('dies afterwards'), size: 1024 ** 2 })
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const second = await inspector.inspect(isWell)
  assert.notEqual(second.facts.threadId, first.facts.threadId)
})

test('an idle thread ends after a while', options, async () => {
  await using inspector = createInspector({ ...limits, idleMs: 20 }, script)
  const first = await inspector.inspect(isWell)
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.notEqual((await inspector.inspect(isWell)).facts.threadId, first.facts.threadId)
})

test('stopping ends what runs and what waits without a verdict', options, async () => {
  const inspector = createInspector(limits, script)
  const inspections = ['loops', 'is well', 'is well'].map((name) => inspector.inspect(asked(name)))
  const outcomes = Promise.allSettled(inspections)
  await inspector[Symbol.asyncDispose]()
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof InspectionFailed)
  }
  await assert.rejects(inspector.inspect(isWell), InspectionFailed)
})

test('the real reader says what a package is, and cannot read what is not there', options, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-inspector-'))
  try {
    const path = join(folder, 'package')
    const bytes = buildExtension({ version: '4.5.6' })
    await writeFile(path, bytes)
    await using inspector = createInspector()
    const request = { name: 'package.zip', size: bytes.byteLength }
    const { format, sound, facts } = await inspector.inspect({
      ...request,
      parts: [{ path, size: request.size }],
    })
    assert.deepEqual(
      { format, sound, version: facts.version },
      { format: 'extension', sound: true, version: '4.5.6' },
    )
    await assert.rejects(
      inspector.inspect({ ...request, parts: [{ path: join(folder, 'gone'), size: 1 }] }),
      /ENOENT/,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

for (const name of ['loops', 'allocates', 'throws', 'exits']) {
  test(
    `an upload whose reader always ${name} ends as failed, nothing is published and the draft stays`,
    options,
    async () => {
      const real = createInspector()
      const bad = createInspector({ ...limits, timeMs: name === 'allocates' ? 20_000 : 300 }, script)
      let crashes = false
      let tries = 0
      await using server = await startServer(
        {},
        {
          inspector: {
            inspect(request) {
              if (!crashes) return real.inspect(request)
              tries++
              return bad.inspect({ ...request, name })
            },
            unpack: (request) => real.unpack(request),
            make: (request) => real.make(request),
            async [Symbol.asyncDispose]() {
              await real[Symbol.asyncDispose]()
              await bad[Symbol.asyncDispose]()
            },
          },
        },
      )
      const edge = edgeClient(server)
      assert.equal((await edge.upload(buildExtension({ version: '1.0.0' }))).status, 'Succeeded')
      const before = await dashboard(server)

      crashes = true
      const id = await edge.startUpload(buildExtension({ version: '2.0.0' }))
      for (let second = 0; second < 10; second++) await server.elapse(1000)
      const { operation } = await edge.pollUpload(id)
      assert.deepEqual(
        { status: operation.status, message: operation.message, tries },
        { status: 'Failed', message: 'An error occurred while performing the operation', tries: 3 },
      )
      assert.deepEqual(await dashboard(server), before)
      const events = await server.engine.listEvents(operator, { after: 0, limit: 1000 })
      assert.deepEqual(
        events.filter(({ type }) => type === 'submission.published'),
        [],
      )

      crashes = false
      assert.equal((await edge.publish()).status, 'Succeeded')
      await server.elapse(1000)
      await server.elapse(1000)
      assert.equal((await dashboard(server)).find(({ phase }) => phase === 'live')?.version, '1.0.0')
    },
  )
}
