import { setTimeout as delay } from 'node:timers/promises'
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
  /** Of those that run or start now. */
  pids(): number[]
  /**
   * Kills one at random that is up, or now and then one that is starting, and starts another in its place; none where
   * hardly any came up since.
   * @returns whether there was one to kill
   */
  killOne(random: ReturnType<typeof seededRandom>): boolean
  /** Starts another in the place of each, one after the other, and then has the old one drain. @returns their logs */
  roll(): Promise<string[]>
  /** Resolves when all are up. @throws with its log when one ended that nobody killed */
  steady(): Promise<void>
  /** What all that ever ran wrote to their logs. */
  log(): string
  /** What ended without being told to, with its log. */
  readonly failures: string[]
  /** Has all drain. @throws unless each ends well */
  stop(): Promise<void>
}

/** Who balances load sends nothing more to a server before that is stopped; what is on its way by then arrives. */
const balancerMs = 100

/** One kill in so many strikes whatever there is, which may be just starting. */
const startsKilled = 8

/** Killed as soon as it is up, alone, a process of a busy machine would never do anything that can be interrupted. */
const leastUp = 2

/** Starts all of them at the same time. */
export function startFleet(members: readonly Member[], shared: { readonly [name: string]: string }): Fleet {
  const failures: string[] = []
  const told = new Set<RoleProcess>()
  const up = new Set<RoleProcess>()
  const all: RoleProcess[] = []
  const start = ({ role, env }: Member): RoleProcess => {
    const started = spawnRole(role, { ...shared, ...env })
    all.push(started)
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
    await delay(balancerMs)
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
    log: () => all.map((one) => one.errors()).join(''),
    addresses: () => running.flatMap((one) => (up.has(one) && !told.has(one) ? (one.url ?? []) : [])),
    pids: () => running.map(({ pid }) => pid),
    killOne(random) {
      const slots = running.map((one, index) => ({ one, index }))
      const isAny = random.below(startsKilled) === 0
      const candidates = isAny ? slots : slots.filter(({ one }) => up.has(one))
      if (!isAny && candidates.length < Math.min(leastUp, members.length)) return false
      const victim = candidates[random.below(candidates.length)]
      if (!victim) return false
      told.add(victim.one)
      void victim.one.kill()
      replace(victim.index)
      return true
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
