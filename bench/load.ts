import { connect } from 'node:net'

export interface Load {
  readonly url: string
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly connections: number
  readonly milliseconds: number
}

/**
 * Requests a second over kept-alive connections, each asking again as soon as it was answered. A client of raw
 * sockets, because a full one would cost more than what is measured.
 */
export async function requestsPerSecond(load: Load): Promise<number> {
  const { hostname, port } = new URL(load.url)
  const head = Object.entries({ host: `${hostname}:${port}`, ...load.headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const request = `GET ${load.path} HTTP/1.1\r\n${head}\r\n`
  const end = performance.now() + load.milliseconds
  let done = 0
  const start = performance.now()
  await Promise.all(
    Array.from({ length: load.connections }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const socket = connect(Number(port), hostname, () => socket.write(request))
      let rest = ''
      socket.setEncoding('latin1').on('data', (text: string) => {
        rest += text
        for (let answer = wholeAnswer(rest); answer > 0; answer = wholeAnswer(rest)) {
          if (!/^HTTP\/1\.1 (?:20|304)/.test(rest)) reject(new Error(rest.slice(0, 200)))
          rest = rest.slice(answer)
          done += 1
          if (performance.now() < end) socket.write(request)
          else {
            socket.destroy()
            resolve()
          }
        }
      })
      socket.on('error', reject)
      return promise
    }),
  )
  return done / ((performance.now() - start) / 1000)
}

/** Length of the first answer in the text, head and body; 0 while it is not whole. */
function wholeAnswer(text: string): number {
  const blank = text.indexOf('\r\n\r\n')
  if (blank < 0) return 0
  const length = /content-length: (\d+)/i.exec(text.slice(0, blank))?.[1]
  const whole = blank + 4 + Number(length ?? 0)
  return text.length >= whole ? whole : 0
}
