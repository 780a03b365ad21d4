import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

interface SlipwayProcess extends AsyncDisposable {
  readonly url: string
}

/** `slipway serve` on a free port, with certification in a fraction of a second instead of days. */
export async function startSlipway(folder: string): Promise<SlipwayProcess> {
  const main = fileURLToPath(new URL('../bin/slipway.js', import.meta.url))
  const child = spawn(
    process.execPath,
    [main, 'serve', '--port', '0', '--pace', '0.2', '--data', folder, '--log', 'warn'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (http:\S+)$/.exec(line)?.[1]
    if (url === undefined) continue
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error('slipway serve ended before it was ready; the reason is above')
}
