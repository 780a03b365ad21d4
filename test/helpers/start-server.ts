import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../../src/config.ts'
import { createLog } from '../../src/http/log.ts'
import { createServer, type Server, type Surroundings } from '../../src/server.ts'
import { lendDatabase } from './lend-database.ts'
import { seededRandom } from './seeded-random.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

export interface TestServer extends Server {
  readonly clock: VirtualClock
  /** What the server logged, a line each. */
  readonly logged: string[]
  /** The folder of its data; removed with the server. */
  readonly folder: string
  /** Does all that is due now, moves time on so far, and does all that became due. */
  elapse(milliseconds: number): Promise<void>
}

/**
 * The whole server in this process: a database of its own, temporary folder, virtual clock, seeded randomness,
 * the default sandbox seed. Ask it with `server.http.inject`, or `await server.listen()` for a socket.
 */
export async function startServer(
  flags: { readonly [Name in keyof Config]?: string } = {},
  surroundings: Pick<Surroundings, 'inspector' | 'blobs'> = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  const clock = virtualClock()
  const logged: string[] = []
  const log = createLog('info', { terminal: false, write: (line) => void logged.push(line) })
  const lent = await lendDatabase()
  const config = readConfig({ data: folder, port: '0', database: lent?.url ?? '', ...flags }, {})
  const server = await createServer(config, {
    clock,
    random: seededRandom(),
    log,
    databasePath: ':memory:',
    ...surroundings,
  })
  return {
    ...server,
    clock,
    logged,
    folder,
    async elapse(milliseconds) {
      await server.settle()
      clock.advance(milliseconds)
      await server.settle()
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await lent?.[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
