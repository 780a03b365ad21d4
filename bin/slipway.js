#!/usr/bin/env node
// Slipway runs TypeScript as it is, which needs Node 24. Where this Node is older, the one that `npm ci`
// brought along takes over; this file alone must run on any Node.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Before the first import, so that nothing a start has seen before is stripped or compiled again.
  module.enableCompileCache?.()
  await import('../src/main.ts')
} else {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const own = fileURLToPath(new URL(`../node_modules/node/bin/${name}`, import.meta.url))
  if (!existsSync(own)) {
    console.error(
      `slipway needs Node 24; this is ${process.version}. Run 'npm ci' in the clone: it brings one along.`,
    )
    process.exit(2)
  }
  // The channel tells the child when this process is killed, so that nothing stays behind.
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`slipway cannot start ${own}: ${error.message}`)
    process.exit(2)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
