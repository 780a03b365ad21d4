import { spawnSync } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acceptTls, type Redirection, secureContextOf } from './proxy.ts'

export interface Isolated extends AsyncDisposable {
  /** The command wrapped so that it runs in namespaces of its own. */
  readonly command: readonly string[]
}

/**
 * For clients that know no proxy: the command gets a mount and a network namespace in which the stores' names
 * are 127.0.0.1 and port 443 leads to the sandbox. The way out of the network namespace is a Unix socket,
 * which a relay inside fills; nothing on the machine itself changes.
 * @throws Error that says what to do instead where this cannot be done
 */
export async function startIsolation(
  { hosts, authority, sandbox }: Redirection,
  command: readonly string[],
  folder: string,
): Promise<Isolated> {
  assertPossible()
  const hostsFile = join(folder, 'hosts')
  const socketPath = join(folder, 'relay.sock')
  const names = ['localhost', ...hosts].join(' ')
  await writeFile(hostsFile, `127.0.0.1 ${names}\n`)
  const context = secureContextOf(authority)
  const listener = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    acceptTls(sandbox, context, socket)
  })
  const plain = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    sandbox.emit('connection', socket)
  })
  const address = sandbox.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  await listen(listener, socketPath)
  await listen(plain, `${socketPath}.plain`)
  await chmod(socketPath, 0o600)
  const relay = fileURLToPath(new URL('./relay.ts', import.meta.url))
  const setUp = 'ip link set lo up && mount --bind "$1" /etc/hosts && shift && exec "$@"'
  return {
    command: [
      ...['unshare', '--mount', '--net', '--propagation', 'private', 'sh', '-c', setUp, 'sh', hostsFile],
      ...[process.execPath, relay, socketPath, String(port), ...command],
    ],
    async [Symbol.asyncDispose]() {
      for (const server of [listener, plain]) server.close()
    },
  }
}

function listen(server: ReturnType<typeof createServer>, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(path, resolve)
  })
}

function assertPossible(): void {
  const instead =
    'Without it, slipway run sends clients through a proxy by HTTPS_PROXY; a client that knows no proxy can be given the sandbox address (SLIPWAY_URL) or a hosts file and the certificate of its own.'
  if (process.platform !== 'linux') throw new Error(`--isolated needs Linux. ${instead}`)
  if (process.getuid?.() !== 0) throw new Error(`--isolated needs root (try sudo). ${instead}`)
  for (const [tool, where] of [
    ['unshare', 'util-linux'],
    ['ip', 'iproute2'],
  ] as const) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error) {
      throw new Error(`--isolated needs '${tool}' (package ${where}). ${instead}`)
    }
  }
}
