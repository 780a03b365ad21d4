import type { FastifyInstance } from 'fastify'
import type { Engine } from '../engine/index.ts'

interface Options {
  readonly engine: Engine
  readonly ready: () => boolean
}

/** Upper bounds in seconds. */
const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

/** What runs the server looks at: `/healthz` (alive), `/readyz` (send me work), `/metrics` (Prometheus). */
export async function operations(app: FastifyInstance, { engine, ready }: Options): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }))

  app.get('/readyz', async (_request, reply) => {
    if (!ready()) return reply.code(503).send({ status: 'stopping' })
    try {
      await engine.health()
      return { status: 'ready' }
    } catch (error) {
      reply.log.error({ err: error }, 'the database does not answer')
      return reply.code(503).send({ status: 'the database does not answer' })
    }
  })

  const observe = await meter(app, engine)
  // Hooks of this scope see only its own routes; the parent's see every store's.
  app.server.on('request', (request, response) => {
    const start = process.hrtime.bigint()
    response.once('finish', () => {
      observe(request.method ?? '', response.statusCode, Number(process.hrtime.bigint() - start) / 1e9)
    })
  })
}

async function meter(
  app: FastifyInstance,
  engine: Engine,
): Promise<(method: string, status: number, seconds: number) => void> {
  const { Registry, Histogram, Gauge } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const duration = new Histogram({
    name: 'slipway_http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'status'],
    buckets,
    registers,
  })
  const submissions = new Gauge({
    name: 'slipway_submissions',
    help: 'Submissions that have not ended, by store and step',
    labelNames: ['store', 'step'],
    registers,
  })
  const jobs = new Gauge({ name: 'slipway_jobs', help: 'Jobs waiting or running', registers })
  const memory = new Gauge({
    name: 'slipway_resident_memory_bytes',
    help: 'Memory of the process',
    registers,
  })

  app.get('/metrics', async (_request, reply) => {
    const health = await engine.health()
    submissions.reset()
    for (const { store, step, count } of health.submissions) submissions.set({ store, step }, Number(count))
    jobs.set(health.jobs)
    memory.set(process.memoryUsage.rss())
    return reply.type(registry.contentType).send(await registry.metrics())
  })
  return (method, status, seconds) => duration.observe({ method, status: String(status) }, seconds)
}
