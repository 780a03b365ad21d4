import { type Role, type RoleProcess, spawnRole } from './processes.ts'
import type { seededRandom } from './seeded-random.ts'

export interface Member {
  readonly role: Role
  readonly env?: { readonly [name: string]: string }
}

/** Processes of one installation, each of which is replaced when it goes. */
export interface Fleet extends AsyncDisposable {
  /** Of the servers that listen and were not told to go; what a load balancer knows. */
  addresses(): string[]
  /** Kills one at random that is up, or one that starts when none is, and starts another in its place. */
  killOne(random: ReturnType<typeof seededRandom>): void
  /** Starts another in the place of each, one after the other, and then has the old one drain. @returns their logs */
  roll(): Promise<string[]>
  /** Resolves when all are up. @throws with its log when one ended that nobody killed */
  steady(): Promise<void>
  /** What ended without being told to, with its log. */
  readonly failures: string[]
  /** Has all drain. @throws unless each ends well */
  stop(): Promise<void>
}

/** Starts all of them at the same time. */
export function startFleet(members: readonly Member[], shared: { readonly [name: string]: string }): Fleet {
  const failures: string[] = []
  const told = new Set<RoleProcess>()
  const up = new Set<RoleProcess>()
  const start = ({ role, env }: Member): RoleProcess => {
    const started = spawnRole(role, { ...shared, ...env })
    started.ready.then(
      () => up.add(started),
      () => {},
    )
    void started.exit.then(({ code, signal }) => {
      up.delete(started)
      if (!told.has(started)) failures.push(`${role} ended with ${signal ?? code}:\n${started.errors()}`)
    })
    return started
  }
  const running = members.map(start)

  const drain = async (one: RoleProcess) => {
    told.add(one)
    const { code, signal } = await one.kill('SIGTERM')
    if (code !== 0) throw new Error(`${one.role} ended with ${signal ?? code}:\n${one.errors()}`)
  }
  const replace = (index: number): RoleProcess => {
    const member = members[index]
    const old = running[index]
    if (!member || !old) throw new RangeError(`there is no process ${index}`)
    running[index] = start(member)
    return old
  }

  return {
    failures,
    addresses: () => running.flatMap((one) => (up.has(one) && !told.has(one) ? (one.url ?? []) : [])),
    killOne(random) {
      const all = running.map((one, index) => ({ one, index }))
      const those = all.filter(({ one }) => up.has(one))
      const candidates = those.length > 0 ? those : all
      const chosen = candidates[random.below(candidates.length)]
      if (!chosen) return
      told.add(chosen.one)
      void chosen.one.kill()
      replace(chosen.index)
    },
    async roll() {
      const logs: string[] = []
      for (const index of members.keys()) {
        const old = replace(index)
        await running[index]?.ready
        await drain(old)
        logs.push(old.errors())
      }
      return logs
    },
    async steady() {
      await Promise.all(running.map(({ ready }) => ready))
      if (failures.length > 0) throw new Error(failures.join('\n'))
    },
    stop: async () => void (await Promise.all(running.map(drain))),
    async [Symbol.asyncDispose]() {
      for (const one of running) told.add(one)
      await Promise.all(running.map((one) => one.kill()))
    },
  }
}
