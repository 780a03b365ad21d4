/** What `slipway run` costs: an upload through its proxy and TLS against one to the sandbox's own address. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { slipway } from './processes.ts'
import { median, mib, ms, type Report, times } from './row.ts'

const client = fileURLToPath(new URL('./redirect-client.ts', import.meta.url))
const rounds = 5

/** What the client found, round by round, without the first. */
export interface Measured {
  readonly direct: readonly number[]
  readonly redirected: readonly number[]
  /** Resident memory of the run before anything was sent, and the most of it while the redirected uploads ran. */
  readonly idleBytes: number
  readonly peakBytes: number
}

export async function redirect(): Promise<Report> {
  const command = [process.execPath, client, String(rounds)]
  const child = spawn(process.execPath, [slipway, 'run', '--', ...command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the redirected client ended with ${code}`)
  const { direct, redirected, idleBytes, peakBytes } = JSON.parse(output) as Measured
  const ratio = median(redirected.map((value, index) => value / (direct[index] ?? Number.NaN)))
  return {
    name: 'redirect',
    rows: [
      {
        what: `redirected upload of 500 MiB: ${ms(median(redirected))}, direct ${ms(median(direct))}`,
        value: times(ratio),
        bar: 'at most 1.3 ×',
      },
      {
        what: 'memory of the run grown by it, at its peak',
        value: mib(peakBytes - idleBytes),
        bar: 'at most 64 MiB',
      },
    ],
  }
}
