import { type Actor, type Engine, EngineError } from '../../engine/index.ts'

interface Window {
  readonly since: number
  count: number
}

const windows = new WeakMap<Engine, Map<string, Window>>()
const minute = 60_000

/**
 * The service takes 20 requests a minute of a tenant, then none until the minute is over (microsoft-store.md 5.6).
 * @param perMinute 0 counts nothing
 * @throws EngineError `rate_limited`; its target is the seconds to wait
 */
export function countRequest(engine: Engine, { accountId }: Actor, perMinute: number): void {
  if (perMinute === 0) return
  const ofEngine = windows.get(engine) ?? new Map<string, Window>()
  windows.set(engine, ofEngine)
  const now = engine.now()
  const current = ofEngine.get(accountId)
  const window = current && now - current.since < minute ? current : { since: now, count: 0 }
  ofEngine.set(accountId, window)
  window.count += 1
  if (window.count <= perMinute) return
  const seconds = Math.ceil((window.since + minute - now) / 1000)
  throw new EngineError('rate_limited', `${perMinute} requests a minute`, { target: String(seconds) })
}
