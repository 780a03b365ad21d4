import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Redirection } from './redirection.ts'
import { acceptTls, secureContextOf } from './tls.ts'

export interface Isolated extends AsyncDisposable {
  /** The command wrapped so that it runs in namespaces of its own. */
  readonly command: readonly string[]
}

/**
 * Runs as the first process of the namespaces: the private hosts file and the rule that names are looked up in
 * it alone are laid over the machine's, for these processes only.
 */
const setUp = `
ip link set lo up && mount --bind "$1/hosts" /etc/hosts || exit 126
[ ! -e /etc/nsswitch.conf ] || mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf || exit 126
shift
exec "$@"
`

/**
 * For clients that know no proxy: the command gets mount, network and process namespaces in which the stores' names
 * are 127.0.0.1 and port 443 leads to the sandbox; there is no other network. The way out is a Unix socket, which
 * a relay inside fills; nothing on the machine itself changes, and what the command starts ends with it.
 * @throws Error that says what to do instead where this cannot be done
 */
export async function startIsolation(
  { hosts, authority, sandbox }: Redirection,
  command: readonly string[],
  folder: string,
): Promise<Isolated> {
  assertPossible()
  await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost ${[...hosts].join(' ')}\n::1 localhost\n`)
  await writeFile(join(folder, 'nsswitch.conf'), lookingUpInFiles())
  const context = secureContextOf(authority)
  const sockets = new Set<Socket>()
  const socketPath = join(folder, 'relay.sock')
  const servers = [
    await listen(socketPath, sockets, (socket) => acceptTls(sandbox, context, socket)),
    await listen(`${socketPath}.plain`, sockets, (socket) => sandbox.emit('connection', socket)),
  ]
  const address = sandbox.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const relay = fileURLToPath(new URL('./relay.ts', import.meta.url))
  return {
    command: [
      'unshare',
      ...['--mount', '--propagation', 'private', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', '-c', setUp, 'sh', folder],
      ...[process.execPath, relay, socketPath, String(port), ...command],
    ],
    async [Symbol.asyncDispose]() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

/** The machine's rules for looking things up, but for names of hosts: no resolver outside is to be asked. */
function lookingUpInFiles(): string {
  const own = existsSync(rules) ? readFileSync(rules, 'utf8') : ''
  return `${own.replace(/^\s*hosts:.*$/gm, '')}\nhosts: files\n`
}

const rules = '/etc/nsswitch.conf'

async function listen(path: string, sockets: Set<Socket>, onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    onConnection(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve)
  })
  await chmod(path, 0o600)
  return server
}

/** What it takes, and the package that has it. */
const tools = { unshare: 'util-linux', ip: 'iproute2', mount: 'mount' }

function assertPossible(): void {
  const instead =
    'Without --isolated, clients are sent through a proxy by HTTPS_PROXY. A client that knows no proxy can be given the sandbox by SLIPWAY_URL, or run with --isolated in a Linux container as root (docker run --privileged).'
  if (process.platform !== 'linux') throw new Error(`--isolated needs Linux. ${instead}`)
  if (process.getuid?.() !== 0) throw new Error(`--isolated needs root (try sudo). ${instead}`)
  for (const [tool, where] of Object.entries(tools)) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error) {
      throw new Error(`--isolated needs '${tool}' (package ${where}). ${instead}`)
    }
  }
  const tried = spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true'], { encoding: 'utf8' })
  if (tried.status !== 0) {
    throw new Error(
      `--isolated needs namespaces, and this system allows none (${tried.stderr.trim()}). ${instead}`,
    )
  }
  if (!existsSync('/etc/hosts')) throw new Error(`--isolated needs /etc/hosts. ${instead}`)
}
