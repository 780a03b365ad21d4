import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, ConfigError, childEnvironment, readConfig } from '../config.ts'
import { createAuthority } from '../redirect/authority.ts'
import { type Child, passSignalsOn, startChild } from '../redirect/child.ts'
import {
  type ChildEnvironment,
  directEnvironment,
  proxyEnvironment,
  seedEnvironment,
  trustBundle,
  trustEnvironment,
} from '../redirect/environment.ts'
import { type Guardian, startGuardian } from '../redirect/guardian.ts'
import { startIsolation } from '../redirect/isolation.ts'
import { startProxy } from '../redirect/proxy.ts'
import type { Redirection } from '../redirect/redirection.ts'
import { type RunReport, summarize } from '../redirect/summary.ts'
import { createServer, type Server } from '../server.ts'

export interface RunOptions {
  readonly seed?: string
  readonly data?: string
  readonly faults?: string
  readonly report?: string
  readonly keep?: true
  readonly isolated?: true
  readonly pace?: string
  readonly steps?: string
}

interface Run {
  readonly command: readonly string[]
  readonly options: RunOptions
  /** Its own folder: certificates, sockets and, unless told otherwise, the data. */
  readonly folder: string
  /** Names this run in the environment of all that it starts. */
  readonly id: string
  readonly guardian: Guardian
}

/** How long submissions are given to come to rest once the client is done. */
const restMs = 10_000

/**
 * `slipway run`: a sandbox of its own, the stores' host names redirected to it, and the command unmodified.
 * @returns the command's exit code; 2 when it could not be started at all
 */
export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-run-'))
  const kept = options.keep === true
  const id = randomUUID()
  const guardian = startGuardian(kept ? '' : folder, `SLIPWAY_RUN_ID=${id}`)
  // Where bin/slipway.js started this process, the channel closes when that one is killed; the guardian cleans up.
  process.on('disconnect', () => process.exit(137))
  process.channel?.unref()
  try {
    const { seed, faults, pace, steps } = options
    const data = options.data ?? join(folder, 'data')
    // What a run makes is its own, whatever database the client that is run has.
    const own = { mode: 'sandbox', port: '0', log: 'error', data, database: '' }
    const config = readConfig({ ...own, seed, faults, pace, steps })
    return await runWith(config, { command, options, folder, id, guardian })
  } catch (error) {
    console.error(`slipway run: ${error instanceof ConfigError ? error.message : (error as Error).message}`)
    return 2
  } finally {
    if (kept) console.error(`slipway run: kept ${folder}`)
    else await rm(folder, { recursive: true, force: true })
    guardian.dismiss()
  }
}

async function runWith(config: Config, { command, options, folder, id, guardian }: Run): Promise<number> {
  const requests: RunReport['requests'][number][] = []
  await using server = await createServer(config, { onAnswer: (answer) => requests.push(answer) })
  const url = await server.listen()
  const started = server.engine.now()
  const authority = await createAuthority(server.hosts, Date.now())
  const authorityFile = join(folder, 'authority.pem')
  const bundleFile = join(folder, 'bundle.pem')
  await writeFile(authorityFile, authority.certificate)
  await writeFile(bundleFile, trustBundle(authority.certificate))
  const refused = new Set<string>()
  await using redirected = await redirect(
    {
      hosts: new Set(server.hosts),
      authority,
      sandbox: server.http.server,
      onRefused: ({ host, port }, reason) => {
        const target = `${host}:${port}`
        // Clients tell little of what a proxy answers.
        if (!refused.has(target)) console.error(`slipway run: kept from reaching ${target}: it ${reason}`)
        refused.add(target)
      },
    },
    options.isolated === true,
    command,
    folder,
  )
  const exitCode = await runChild(guardian, redirected.command, {
    ...redirected.environment,
    ...trustEnvironment(authorityFile, bundleFile),
    ...(server.seed ? seedEnvironment(server.seed, url) : {}),
    SLIPWAY_RUN_ID: id,
  })
  // Whatever the command left running belongs to this run and ends with it.
  await guardian.sweep()
  await rest(server)
  const outcome = await outcomes(server, started)
  const report: RunReport = { command, exitCode, requests, refusedHosts: [...refused], ...outcome }
  console.error(summarize(report))
  if (options.report !== undefined) await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`)
  return exitCode
}

async function runChild(
  guardian: Guardian,
  command: readonly string[],
  environment: ChildEnvironment,
): Promise<number> {
  let child: Child | undefined
  using _signals = passSignalsOn(() => child)
  child = startChild(command, childEnvironment(environment))
  guardian.guard(child.group)
  return await child.code
}

interface Redirected extends AsyncDisposable {
  readonly command: readonly string[]
  readonly environment: ChildEnvironment
}

async function redirect(
  redirection: Redirection,
  isolated: boolean,
  command: readonly string[],
  folder: string,
): Promise<Redirected> {
  if (isolated) {
    return { ...(await startIsolation(redirection, command, folder)), environment: directEnvironment }
  }
  const proxy = await startProxy(redirection)
  return {
    command,
    environment: proxyEnvironment(proxy, redirection.hosts),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}

/** Waits until submissions rest, but not for what is due later: a release may be held until next year. */
async function rest({ engine }: Server): Promise<void> {
  const end = engine.now() + restMs
  while (engine.now() < end && (await engine.hasWork(end))) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Everything that came of the run, whichever account it belongs to. */
async function outcomes(
  { engine }: Server,
  since: number,
): Promise<Pick<RunReport, 'submissions' | 'operations'>> {
  const { submissions, operations } = await engine.listOutcomes(since)
  return {
    submissions: submissions.map(({ store, productId, id, step, findings }) => ({
      store,
      productId,
      id,
      state: step,
      findings,
    })),
    operations: operations.map(({ store, productId, id, kind, status, refusal, findings }) => ({
      store,
      productId,
      id,
      kind,
      status,
      reason: refusal,
      findings,
    })),
  }
}
