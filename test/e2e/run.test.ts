import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite, test } from 'node:test'
import { sandbox } from '../helpers/client-runs.ts'
import { zipRealExtension } from '../helpers/real-extension.ts'
import { type RunProcess, slipwayRun, startRun } from '../helpers/run-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

const node = process.execPath
const launcher = resolve(import.meta.dirname, '../../bin/slipway.js')
const api = 'https://api.addons.microsoftedge.microsoft.com'
const posix = process.platform === 'win32' ? 'there are no POSIX signals here: not checked' : false

/** A Node older than 24, as pipelines have it; the launcher and clients must work with it. */
const olderNode = (process.env.PATH ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((path) => existsSync(path) && major(path) > 0 && major(path) < 24)

function major(path: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 0)
}

/** A script for `node --input-type=module --eval`. */
const script = (text: string) => [node, '--input-type=module', '--eval', text]

/** What a request to the store answers, or why there is no answer. */
const fetchStatus = (url: string) =>
  `await fetch('${url}').then((answer) => console.log(answer.status, answer.statusText), (error) => console.log(error.message, '|', error.cause?.message))`

suite('slipway run: the command', { concurrency: 4 }, () => {
  test('its exit code is the command’s', async () => {
    assert.equal((await slipwayRun({ command: 'exit 7' })).code, 7)
  })

  test('its exit code tells the signal that killed the command', { skip: posix }, async () => {
    for (const [signal, code] of [
      ['TERM', 143],
      ['KILL', 137],
      ['SEGV', 139],
    ] as const) {
      assert.equal((await slipwayRun({ command: `kill -${signal} $$` })).code, code)
    }
  })

  test('a command that is not there is 127, one that cannot run is 126, each with a reason', async () => {
    const missing = await slipwayRun({ command: ['no-such-command'] })
    assert.equal(missing.code, 127)
    assert.match(missing.stderr, /slipway run: no-such-command: no such command/)
    const file = await slipwayRun({ command: [resolve(import.meta.dirname, '../../package.json')] })
    assert.equal(file.code, 126)
    assert.match(file.stderr, /slipway run: .*package\.json: .*EACCES/)
  })

  test('input, output and arguments are the command’s own', async () => {
    const run = await slipwayRun({
      command: ['sh', '-c', 'cat; echo "$1|$2" >&2', 'sh', 'a b', '--seed'],
      input: 'from outside',
    })
    assert.equal(run.stdout, 'from outside')
    assert.match(run.stderr, /^a b\|--seed\n/)
  })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`${signal} is passed on, and the command decides what comes of it`, { skip: posix }, async () => {
      await using run = await startRun({
        command: `trap 'echo caught; exit 42' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`,
      })
      await waitFor('the command', () => (run.stdout().includes('ready') ? true : undefined))
      run.kill(signal)
      const { code, stdout } = await run.result
      assert.equal(code, 42)
      assert.equal(stdout, 'ready\ncaught\n')
      assert.deepEqual(left(run), [])
    })
  }

  test('what the command leaves running ends with it, daemons too', { skip: posix }, async () => {
    const run = await slipwayRun({
      command: 'sleep 300 & echo $!; setsid sleep 300 & echo $!; (setsid sleep 300 & echo $!)',
    })
    const pids = run.stdout.trim().split('\n').map(Number)
    assert.equal(pids.length, 3)
    await waitFor('their end', () => (pids.some(isRunning) ? undefined : true))
  })
})

/** What a run has left in its folder for temporary files. */
function left(run: RunProcess): string[] {
  return readdirSync(run.folder).filter((name) => name.startsWith('slipway-'))
}

/** A zombie that its adopter has not looked after is not running. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function isOpen(port: number): Promise<boolean> {
  const { promise, resolve: settle } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => settle(true)).once('error', () => settle(false))
  const open = await promise
  socket.destroy()
  return open
}

/** A command that tells its own id, that of a daemon, and its ports, and stays. */
const stays = `setsid sleep 300 & echo "$! $$ \${HTTPS_PROXY##*:} \${SLIPWAY_URL##*:} $SLIPWAY_RUN_TLS_PORT"; sleep 300`

async function told(run: RunProcess): Promise<{ pids: number[]; ports: number[] }> {
  const line = await waitFor('the command', () => /^[\d ]+\n/.exec(run.stdout())?.[0], { timeoutMs: 60_000 })
  const numbers = line.trim().split(' ').map(Number)
  assert.equal(numbers.length, 5)
  return { pids: numbers.slice(0, 2), ports: numbers.slice(2) }
}

async function assertNothingLeft(run: RunProcess, { pids, ports }: { pids: number[]; ports: number[] }) {
  await waitFor('the end of its processes', () => (pids.some(isRunning) ? undefined : true))
  await waitFor('the end of its folder', () => (left(run).length > 0 ? undefined : true))
  for (const port of ports) assert.equal(await isOpen(port), false, `port ${port} is open`)
}

suite('slipway run: its own end', { concurrency: 4, skip: posix }, () => {
  test('killing it leaves no child, no port and no temporary folder', async () => {
    await using run = await startRun({ command: stays })
    const before = await told(run)
    for (const port of before.ports) assert.equal(await isOpen(port), true)
    assert.equal(left(run).length, 1)
    run.kill('SIGKILL')
    await assertNothingLeft(run, before)
  })

  test('killing the launcher that an older Node runs leaves nothing either', async (t) => {
    if (olderNode === undefined)
      return t.skip('no Node older than 24 is installed: the launcher is not checked')
    await using run = await startRun({ command: stays, program: [olderNode, launcher] })
    const before = await told(run)
    run.kill('SIGKILL')
    await assertNothingLeft(run, before)
  })

  test('an inner run that is killed along with the outer one cleans up as well', async () => {
    const inner = `"${node}" "${resolve(import.meta.dirname, '../../src/main.ts')}" run -- sh -c`
    await using run = await startRun({ command: `${inner} '${stays}'` })
    const before = await told(run)
    assert.equal(left(run).length, 2)
    run.kill('SIGKILL')
    await assertNothingLeft(run, before)
  })

  test('two runs side by side do not see each other, and the end of one is not the other’s', async () => {
    const upload = script(`
      const headers = { authorization: 'ApiKey ' + process.env.SLIPWAY_API_KEY, 'x-clientid': process.env.SLIPWAY_CLIENT_ID }
      const answer = await fetch('${api}/v1/products/${sandbox.productId}/submissions/draft/package', { method: 'POST', body: 'x', headers: { ...headers, 'content-type': 'application/zip' } })
      console.log(answer.status)`)
    await using one = await startRun({ command: stays })
    const before = await told(one)
    const two = await slipwayRun({ command: upload })
    assert.equal(two.stdout, '202\n')
    assert.equal(two.report?.operations.length, 1)
    assert.ok(before.pids.every(isRunning))
    one.kill('SIGTERM')
    const { report } = await one.result
    assert.deepEqual(report?.operations, [])
    assert.deepEqual(report?.requests, [])
    await assertNothingLeft(one, before)
  })
})

suite('slipway run: the surroundings of the command', { concurrency: 4 }, () => {
  test('it is told of the proxy, the authority and the seed, and keeps what it had', async () => {
    const run = await slipwayRun({
      command: script('console.log(JSON.stringify(process.env))'),
      env: { OWN: 'kept', NODE_OPTIONS: '--no-deprecation', NO_PROXY: 'microsoft.com' },
    })
    const env = JSON.parse(run.stdout) as { [name: string]: string }
    assert.equal(env.OWN, 'kept')
    assert.match(env.HTTPS_PROXY ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
    for (const name of ['https_proxy', 'HTTP_PROXY', 'http_proxy']) assert.equal(env[name], env.HTTPS_PROXY)
    assert.deepEqual([env.NO_PROXY, env.no_proxy, env.NODE_USE_ENV_PROXY], ['', '', '1'])
    assert.match(env.NODE_OPTIONS ?? '', /^--no-deprecation --require=".*node-hook\.cjs"$/)
    assert.match(env.NODE_EXTRA_CA_CERTS ?? '', /authority\.pem$/)
    for (const name of ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']) {
      assert.match(env[name] ?? '', /bundle\.pem$/)
    }
    assert.equal(env.SLIPWAY_CLIENT_ID, sandbox.clientId)
    assert.equal(env.SLIPWAY_API_KEY, sandbox.apiKey)
    assert.equal(env.SLIPWAY_EDGE_PRODUCT_ID, sandbox.productId)
  })

  test('the authority’s private key is on no disk while the command runs', async () => {
    const run = await slipwayRun({
      command: 'cd "$TMPDIR" && ls slipway-run-*/ && grep -rl "PRIVATE KEY" . ; echo "grep $?"',
    })
    assert.match(run.stdout, /authority\.pem\nbundle\.pem\ndata\n/)
    assert.match(run.stdout, /\ngrep 1\n$/)
  })

  test('a server of its own may be started by the command', async () => {
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    const run = await slipwayRun({
      command: `"${node}" "${main}" run -- "${node}" --eval "${fetchStatus(`${api}/v1/products/x/submissions`).replace('await ', '')}"`,
    })
    assert.equal(run.code, 0, run.stderr)
    assert.equal(run.stdout, '404 Resource Not Found\n')
    // The inner one answered.
    assert.deepEqual(run.report?.requests, [])
  })

  for (const [what, url] of [
    ['another host', 'https://example.com/'],
    ['a host that only ends like a store', 'https://x.api.addons.microsoftedge.microsoft.com/'],
    ['a host that only begins like a store', 'https://api.addons.microsoftedge.microsoft.com.example.com/'],
    ['an address', 'https://203.0.113.7/'],
    ['another port of a store', `${api}:8443/`],
    ['another host without TLS', 'http://example.com/'],
  ] as const) {
    test(`${what} is refused, and standard error and the report say so`, async () => {
      const run = await slipwayRun({ command: script(fetchStatus(url)) })
      const { hostname, port, protocol } = new URL(url)
      const target = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
      assert.equal(run.code, 0)
      assert.ok(run.stderr.startsWith(`slipway run: kept from reaching ${target}: it is `), run.stderr)
      assert.deepEqual(run.report?.refusedHosts, [target])
      assert.deepEqual(run.report?.requests, [])
      assert.match(run.stdout, /^fetch failed/)
    })
  }

  test('a Node client that knows no proxy reaches the sandbox, and nothing else', async () => {
    const plain = `
      import { connect as connectTls } from 'node:tls'
      import { connect } from 'node:net'
      const said = (socket, text) => new Promise((resolve) => {
        let all = ''
        socket.on('data', (data) => { all += data }).on('end', () => resolve(all.split('\\r\\n')[0])).on('error', (error) => resolve(error.message))
        socket.write(text)
      })
      const head = 'GET /v1/products/x/submissions/operations/y HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'
      const store = '${new URL(api).hostname}'
      console.log(await said(connectTls({ host: store, port: 443, servername: store }), head))
      console.log(await said(connectTls(443, 'example.com', { servername: 'example.com' }), head))
      console.log(await said(connect(5432, '203.0.113.7'), head))`
    const run = await slipwayRun({ command: script(plain) })
    assert.deepEqual(run.stdout.split('\n'), [
      'HTTP/1.1 401 Unauthorized',
      'slipway run: example.com:443 is no store of the sandbox; the client was kept from reaching it',
      'slipway run: 203.0.113.7:5432 is no store of the sandbox; the client was kept from reaching it',
      '',
    ])
    assert.deepEqual(run.report?.refusedHosts.toSorted(), ['203.0.113.7:5432', 'example.com:443'])
  })

  test('an older Node, whose fetch knows no proxy, is kept inside as well', async (t) => {
    if (olderNode === undefined) return t.skip('no Node older than 24 is installed: its fetch is not checked')
    const both = `(async () => { ${fetchStatus(`${api}/v1/products/x/submissions/operations/y`)}; ${fetchStatus('https://example.com/')} })()`
    const run = await slipwayRun({ command: [olderNode, '--eval', both], program: [olderNode, launcher] })
    assert.deepEqual(run.stdout.split('\n'), [
      '401 Unauthorized',
      'fetch failed | slipway run: example.com:443 is no store of the sandbox; the client was kept from reaching it',
      '',
    ])
    assert.deepEqual(run.report?.refusedHosts, ['example.com:443'])
  })
})

const edgePublish = (zip: string) =>
  script(`
    import { readFileSync } from 'node:fs'
    const { SLIPWAY_API_KEY: key, SLIPWAY_CLIENT_ID: client, SLIPWAY_EDGE_PRODUCT_ID: product } = process.env
    const submissions = '${api}/v1/products/' + product + '/submissions'
    const headers = { authorization: 'ApiKey ' + key, 'x-clientid': client, 'content-type': 'application/zip' }
    const send = async (url, body) => (await fetch(url, { method: 'POST', headers, body })).headers.get('location')
    const settled = async (url) => {
      for (;;) {
        const operation = await (await fetch(url, { headers })).json()
        if (operation.status !== 'InProgress') return console.log(operation.status, operation.errorCode)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await settled(submissions + '/draft/package/operations/' + (await send(submissions + '/draft/package', readFileSync('${zip}'))))
    await settled(submissions + '/operations/' + (await send(submissions, 'notes')))`)

suite('slipway run: options', { concurrency: 4 }, () => {
  test('--data keeps what happened for the next run, --pace makes it quick', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-run-data-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const zip = join(folder, 'extension.zip')
    await writeFile(zip, await zipRealExtension())
    const flags = ['--data', join(folder, 'data'), '--pace', '0']
    const one = await slipwayRun({ command: edgePublish(zip), flags })
    assert.equal(one.stdout, 'Succeeded \nSucceeded \n', one.stderr)
    assert.deepEqual(
      one.report?.submissions.map(({ state }) => state),
      ['InTheStore'],
    )
    const two = await slipwayRun({ command: edgePublish(zip), flags })
    assert.equal(two.stdout, 'Succeeded \nFailed SubmissionValidationError\n', two.stderr)
    assert.deepEqual(
      two.report?.operations.map(({ reason, findings }) => [reason, findings[0]?.code]),
      [
        [null, undefined],
        ['submission_invalid', 'edge-version-not-increased'],
      ],
    )
    assert.match(two.stderr, /error edge-version-not-increased: The version 2026\.8\.15 must be larger/)
    assert.ok(existsSync(join(folder, 'data/slipway.db')))
  })

  test('--keep leaves the folder, without any key, and says where', async () => {
    await using run = await startRun({ command: 'true', flags: ['--keep'] })
    const { code, stderr } = await run.result
    assert.equal(code, 0)
    const kept = /slipway run: kept (.+)\n/.exec(stderr)?.[1] ?? ''
    assert.deepEqual(readdirSync(kept).toSorted(), ['authority.pem', 'bundle.pem', 'data'])
    assert.doesNotMatch(await readFile(join(kept, 'authority.pem'), 'utf8'), /PRIVATE KEY/)
  })

  test('--report is what docs/run.md says it is', async () => {
    const run = await slipwayRun({ command: script(fetchStatus(`${api}/v1/products/x/submissions?y=1`)) })
    const { report } = run
    assert.deepEqual(Object.keys(report ?? {}), [
      'command',
      'exitCode',
      'requests',
      'refusedHosts',
      'submissions',
      'operations',
    ])
    const [request] = report?.requests ?? []
    assert.deepEqual(
      { ...request, ms: 0 },
      {
        method: 'GET',
        host: new URL(api).hostname,
        path: '/v1/products/x/submissions?y',
        status: 404,
        ms: 0,
      },
    )
    const page = await readFile(resolve(import.meta.dirname, '../../docs/run.md'), 'utf8')
    for (const name of [...Object.keys(report ?? {}), ...Object.keys(request ?? {})]) {
      assert.match(page, new RegExp(`\`${name}(\\[\\])?\``))
    }
  })

  test('an unusable seed or fault file ends with 2, names every problem and starts nothing', async () => {
    const seed = await slipwayRun({ command: 'echo started', seed: { accounts: [{ id: 'a', nam: 'A' }] } })
    assert.equal(seed.code, 2)
    assert.equal(seed.stdout, '')
    assert.match(seed.stderr, /seed\.accounts\[0\]\.nam is not known/)
    assert.match(seed.stderr, /seed\.accounts\[0\]\.name must be a text/)
    const faults = await slipwayRun({
      command: 'echo started',
      faults: [
        { match: { store: 'edgy', rout: '/x' }, effect: { error: 'rate_limited' } },
        { match: {}, effect: { step: 'InReveiw', stall: true } },
      ],
    })
    assert.equal(faults.code, 2)
    assert.equal(faults.stdout, '')
    assert.match(faults.stderr, /faults\[0\]\.match\.rout is not known/)
    assert.match(faults.stderr, /faults\[0\]\.match\.store must be .*\bedge\b/)
    assert.match(faults.stderr, /faults\[1\]\.effect\.step must be a step .*, not 'InReveiw'/)
  })

  test('without a command it says how to be used', async () => {
    const run = await slipwayRun({ command: [] })
    assert.equal(run.code, 2)
    assert.match(run.stderr, /missing required argument 'command'/)
  })
})

const isolation =
  process.platform === 'linux' && process.getuid?.() === 0
    ? spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true']).status === 0
      ? false
      : 'namespaces cannot be made here: --isolated is not checked'
    : '--isolated needs Linux and root: not checked'

suite('slipway run --isolated', { concurrency: 2, skip: isolation }, () => {
  const flags = ['--isolated']
  const hosts = () => readFileSync('/etc/hosts', 'utf8')
  const machine = () => [hosts(), spawnSync('ip', ['-o', 'addr'], { encoding: 'utf8' }).stdout, mounts()]
  const mounts = () => readFileSync('/proc/self/mounts', 'utf8').match(/.*\/etc\/hosts.*/g) ?? []

  test('a client that knows no proxy reaches the stores by name, and the machine stays as it was', async () => {
    const before = machine()
    const run = await slipwayRun({
      command: `cat /etc/hosts; env | grep -ci "_proxy=." ; curl -sS --noproxy "*" -o /dev/null -w "%{http_code} %{remote_ip}\\n" ${api}/v1/products/x/submissions/operations/y; curl -sS "$SLIPWAY_URL/healthz"; exit 5`,
      flags,
      env: { HTTPS_PROXY: 'http://proxy.example:3128', ALL_PROXY: 'http://proxy.example:3128' },
    })
    assert.equal(run.code, 5, run.stderr)
    const [first, , proxies, status, health] = run.stdout.split('\n')
    assert.match(first ?? '', /^127\.0\.0\.1 localhost .*\bapi\.addons\.microsoftedge\.microsoft\.com\b/)
    assert.equal(proxies, '0')
    assert.equal(status, '401 127.0.0.1')
    assert.equal(health, '{"status":"ok"}')
    assert.deepEqual(
      run.report?.requests.map(({ host, status: answered }) => [host.replace(/\d+$/, ''), answered]),
      [
        [new URL(api).hostname, 401],
        ['127.0.0.1:', 200],
      ],
    )
    assert.deepEqual(machine(), before)
  })

  test('there is no other network', async () => {
    const run = await slipwayRun({
      command: 'curl -sS -m 5 https://example.com/ ; curl -sS -m 5 https://203.0.113.7/',
      flags,
    })
    assert.match(run.stderr, /Could not resolve host: example\.com/)
    assert.match(run.stderr, /Failed to connect to 203\.0\.113\.7/)
  })

  test('exit codes and signals are the command’s', async () => {
    assert.equal((await slipwayRun({ command: ['no-such-command'], flags })).code, 127)
    assert.equal((await slipwayRun({ command: 'kill -KILL $$', flags })).code, 137)
    await using run = await startRun({
      command: "trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done",
      flags,
    })
    await waitFor('the command', () => (run.stdout().includes('ready') ? true : undefined))
    run.kill('SIGTERM')
    assert.equal((await run.result).code, 42)
  })

  test('killing it leaves nothing', async () => {
    const before = machine()
    const mark = `3${Math.floor(Math.random() * 1e6)}`
    await using run = await startRun({
      command: `setsid sleep ${mark} & echo ready; sleep ${mark}`,
      flags,
    })
    await waitFor('the command', () => (run.stdout().includes('ready') ? true : undefined))
    const sleeping = () => spawnSync('pgrep', ['-fx', `sleep ${mark}`], { encoding: 'utf8' }).stdout.trim()
    assert.equal(sleeping().split('\n').length, 2)
    run.kill('SIGKILL')
    await waitFor('the end of its processes', () => (sleeping() === '' ? true : undefined))
    await waitFor('the end of its folder', () => (left(run).length === 0 ? true : undefined))
    assert.deepEqual(machine(), before)
  })

  test('where it is not allowed it says what to do instead', async () => {
    const run = await slipwayRun({
      command: 'echo started',
      flags,
      program: [
        'setpriv',
        '--reuid=65534',
        '--clear-groups',
        node,
        resolve(import.meta.dirname, '../../src/main.ts'),
      ],
      env: { TMPDIR: '/tmp', HOME: '/tmp' },
    })
    assert.equal(run.code, 2)
    assert.equal(run.stdout, '')
    assert.match(
      run.stderr,
      /--isolated needs root \(try sudo\)\. Without --isolated, clients are sent through a proxy/,
    )
  })
})
