import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, ConfigError, childEnvironment, readConfig } from '../config.ts'
import { createAuthority } from '../redirect/authority.ts'
import { startChild } from '../redirect/child.ts'
import {
  type ChildEnvironment,
  proxyEnvironment,
  seedEnvironment,
  trustBundle,
  trustEnvironment,
} from '../redirect/environment.ts'
import { startGuardian } from '../redirect/guardian.ts'
import { startIsolation } from '../redirect/isolation.ts'
import { startProxy } from '../redirect/proxy.ts'
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

/** How long submissions are given to come to rest once the client is done. */
const restMs = 10_000

/**
 * `slipway run`: a sandbox of its own, the stores' host names redirected to it, and the command unmodified.
 * @returns the command's exit code; 2 when it could not be started at all
 */
export async function run(command: readonly string[], options: RunOptions): Promise<number> {
  const temporary = await mkdtemp(join(tmpdir(), 'slipway-run-'))
  const kept = options.keep === true
  const guardian = startGuardian(kept ? '' : temporary)
  try {
    const { seed, faults, pace, steps } = options
    const data = options.data ?? join(temporary, 'data')
    const config = readConfig({ mode: 'sandbox', port: '0', log: 'error', data, seed, faults, pace, steps })
    return await runWith(config, command, options, temporary, (group) => guardian.guard(group))
  } catch (error) {
    console.error(`slipway run: ${error instanceof ConfigError ? error.message : (error as Error).message}`)
    return 2
  } finally {
    if (kept) console.error(`slipway run: kept ${temporary}`)
    else await rm(temporary, { recursive: true, force: true })
    guardian.dismiss()
  }
}

async function runWith(
  config: Config,
  command: readonly string[],
  options: RunOptions,
  temporary: string,
  onStart: (group: number | undefined) => void,
): Promise<number> {
  const requests: RunReport['requests'][number][] = []
  await using server = await createServer(config, { onAnswer: (answer) => requests.push(answer) })
  const url = await server.listen()
  const started = Date.now()
  const refused = new Set<string>()
  const authority = await createAuthority(server.hosts, Date.now())
  const authorityFile = join(temporary, 'authority.pem')
  const bundleFile = join(temporary, 'bundle.pem')
  await writeFile(authorityFile, authority.certificate)
  await writeFile(bundleFile, trustBundle(authority.certificate))
  const redirection = {
    hosts: new Set(server.hosts),
    authority,
    sandbox: server.http.server,
    onRefused: (host: string) => refused.add(host),
  }
  const redirected = await redirect(redirection, options.isolated === true, command, temporary)
  await using _redirected = redirected
  const child = startChild(
    redirected.command,
    childEnvironment({
      ...redirected.environment,
      ...trustEnvironment(authorityFile, bundleFile),
      ...(server.seed ? seedEnvironment(server.seed, url) : {}),
    }),
  )
  onStart(child.group)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, child.kill)
  const exitCode = await child.code
  for (const signal of signals) process.off(signal, child.kill)
  // Whatever the command left running belongs to this run and ends with it.
  child.kill('SIGKILL')
  await rest(server)
  const report = {
    command,
    exitCode,
    requests,
    refusedHosts: [...refused],
    ...(await outcomes(server, started)),
  }
  console.error(summarize(report))
  if (options.report !== undefined) await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`)
  return exitCode
}

type Redirection = Parameters<typeof startProxy>[0]

interface Redirected extends AsyncDisposable {
  readonly command: readonly string[]
  readonly environment: ChildEnvironment
}

async function redirect(
  redirection: Redirection,
  isolated: boolean,
  command: readonly string[],
  temporary: string,
): Promise<Redirected> {
  if (isolated) return { ...(await startIsolation(redirection, command, temporary)), environment: {} }
  const proxy = await startProxy(redirection)
  return {
    command,
    environment: proxyEnvironment(proxy.url),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}

/** Waits until no job is left, or long enough: a held release may be due next year. */
async function rest(server: Server): Promise<void> {
  const end = Date.now() + restMs
  while (Date.now() < end && (await server.engine.health()).jobs > 0) {
    await new Promise((resolve) => setTimeout(resolve, 25))
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
