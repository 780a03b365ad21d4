/** The depot in a process of its own, started as `slipway serve` is; see `server-process.ts`. */
import { parseArgs } from 'node:util'
import { openDepot } from './blob-depot.ts'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { data: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' } },
})
const depot = await openDepot({ folder: values.data ?? '' })
const address = await depot.http.listen({ host: values.host ?? '127.0.0.1', port: Number(values.port) })
console.log(`listening on ${address}`)
process.on('disconnect', () => process.exit(1))
process.on('SIGTERM', () => process.exit(0))
