/**
 * Runs inside the namespaces of `slipway run --isolated`: port 443 leads to the sandbox outside over a Unix
 * socket, the sandbox's own port too, and the command runs beside it. Arguments: socket, port, command.
 */
import { connect, createServer } from 'node:net'
import { type Child, passSignalsOn, startChild } from './child.ts'

const [socketPath = '', port = '0', ...command] = process.argv.slice(2)

await relay(443, socketPath)
await relay(Number(port), `${socketPath}.plain`)
let child: Child | undefined
using _signals = passSignalsOn(() => child)
child = startChild(command, undefined)
process.exit(await child.code)

function relay(from: number, to: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ path: to, allowHalfOpen: true })
    inside.pipe(outside).pipe(inside)
    inside.on('error', () => outside.destroy())
    outside.on('error', () => inside.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(from, '127.0.0.1', resolve)
  })
}
