import type { Pool, PoolClient } from 'pg'

type Given = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (broken?: unknown) => void,
) => void

/**
 * The same pool for somebody who gives a connection back twice. graphile-worker's listener does, when its connection
 * breaks while its workers end; the pool's protest would be a rejection that nobody handles, which ends the process.
 */
export function releasedOnce(pool: Pool): Pool {
  const connect = (given?: Given) => {
    if (given === undefined) return pool.connect()
    return pool.connect((error, client, done) => {
      let isBack = false
      given(error, client, (broken) => {
        if (isBack) return
        isBack = true
        done(broken)
      })
    })
  }
  return new Proxy(pool, {
    get: (target, name) => (name === 'connect' ? connect : Reflect.get(target, name)),
  })
}
