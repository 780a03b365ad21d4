/**
 * `npm run demo`: starts Slipway as anybody would, publishes real packages through the stores' own APIs, and shows
 * what happened to each. Ends by itself with status 0, or with 1 and the reason.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishApk } from './amazon.ts'
import { publishExtension } from './edge.ts'
import { signDriver } from './hardware.ts'
import { publishMsix } from './microsoft.ts'
import { progress } from './progress.ts'
import { startSlipway } from './slipway-process.ts'
import { printTimeline } from './timeline.ts'

const folder = await mkdtemp(join(tmpdir(), 'slipway-demo-'))
try {
  await using slipway = await progress('start Slipway on an empty folder', () => startSlipway(folder))
  for (const publish of [publishExtension, publishMsix, publishApk, signDriver]) {
    const productId = await publish(slipway.url)
    await printTimeline(slipway.url, productId)
  }
  console.log(`
Where to look next
  npm start                          the same server, to point a client at
  npx slipway --help                 the command line
  README.md                          the five-minute tour
  docs/stores/                       what is faithful to the real service, row by row`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
