import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { type Redirected, startRedirected } from '../../test/helpers/redirected.ts'

const MiB = 1024 * 1024

/** Says what it was asked, and the hash of what it was sent. */
async function echo(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of incoming) hash.update(chunk as Buffer)
  const { method, url, headers } = incoming
  answer.end(JSON.stringify({ method, url, headers, sha256: hash.digest('hex') }))
}

/** Everything that arrives until it contains a text. */
async function read(socket: Socket, wanted: string | RegExp): Promise<string> {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text
  }
  throw new Error(`the connection ended with ${JSON.stringify(text)}`)
}

const get = (host: string) => `GET /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`

test('a tunnel to a store ends here, trusted by the authority alone, and is kept alive', async () => {
  await using run = await startRedirected(echo)
  const socket = await run.secure('api.store.example')
  assert.equal(socket.authorized, true)
  for (const _ of [1, 2, 3]) {
    socket.write(get('api.store.example'))
    assert.match(await read(socket, '"sha256"'), /^HTTP\/1\.1 200 OK\r\n[\s\S]*"host":"api\.store\.example"/)
  }
  const other = await run.secure('login.store.example')
  assert.equal(other.getPeerCertificate().issuer.CN, 'Slipway run (trusted by this run only)')
  await assert.rejects(run.secure('api.store.example', { ca: undefined }), /unable to verify|self-signed/)
})

test('only HTTP/1.1 is offered, as by the real hosts', async () => {
  await using run = await startRedirected(echo)
  const socket = await run.secure('api.store.example', { ALPNProtocols: ['h2', 'http/1.1'] })
  assert.equal(socket.alpnProtocol, 'http/1.1')
})

test('Expect: 100-continue is answered before a byte of the body is sent', async () => {
  await using run = await startRedirected(echo)
  const socket = await run.secure('api.store.example')
  socket.write(
    'POST / HTTP/1.1\r\nHost: api.store.example\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
  )
  assert.equal(await read(socket, '\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('body')
  const sha256 = createHash('sha256').update('body').digest('hex')
  const answer = await read(socket, '"sha256"')
  assert.match(answer, /"expect":"100-continue"/)
  assert.ok(answer.includes(sha256))
})

test('chunked bodies arrive chunk by chunk, as they are sent', async () => {
  await using run = await startRedirected(async (incoming, answer) => {
    assert.equal(incoming.headers['transfer-encoding'], 'chunked')
    for await (const chunk of incoming) answer.write(`got ${chunk};`)
    answer.end()
  })
  const socket = await run.secure('api.store.example')
  socket.write('POST / HTTP/1.1\r\nHost: api.store.example\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (const part of ['one', 'two', 'three']) {
    socket.write(`${part.length.toString(16)}\r\n${part}\r\n`)
    assert.match(await read(socket, `got ${part};`), new RegExp(`got ${part};`))
  }
  socket.write('0\r\n\r\n')
  await read(socket, '0\r\n\r\n')
})

test('a body of 96 MiB passes unchanged', async () => {
  await using run = await startRedirected(echo)
  const socket = await run.secure('api.store.example')
  const part = Buffer.alloc(MiB, 'slipway ')
  const hash = createHash('sha256')
  socket.write(`POST / HTTP/1.1\r\nHost: api.store.example\r\nContent-Length: ${96 * MiB}\r\n\r\n`)
  for (let index = 0; index < 96; index++) {
    part.writeUInt32BE(index)
    hash.update(part)
    if (!socket.write(Buffer.from(part))) await once(socket, 'drain')
  }
  assert.match(await read(socket, '"sha256"'), new RegExp(hash.digest('hex')))
})

test('what the sandbox does not read is not gathered on the way', async () => {
  let arrived: IncomingMessage | undefined
  await using run = await startRedirected((incoming) => {
    arrived = incoming.pause()
  })
  const socket = await run.secure('api.store.example')
  socket.write(`POST / HTTP/1.1\r\nHost: api.store.example\r\nContent-Length: ${256 * MiB}\r\n\r\n`)
  let sent = 0
  for (; sent < 256; sent++) {
    if (socket.write(Buffer.alloc(MiB))) continue
    if (!(await Promise.race([once(socket, 'drain'), sleep(500)]))) break
  }
  assert.ok(arrived)
  assert.ok(sent < 32, `${sent} MiB were taken`)
})

test('the first bytes of TLS may come along with the request for the tunnel', async () => {
  await using run = await startRedirected(echo)
  // Catches what a client would send first, to send it at once.
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const catcher = createServer((socket) => socket.once('data', resolve)).listen(0, '127.0.0.1')
  await once(catcher, 'listening')
  const { port } = catcher.address() as AddressInfo
  const hello = connectTls({ port, host: '127.0.0.1', servername: 'api.store.example' })
  hello.on('error', () => {})
  const { socket, answer } = await run.tunnel('api.store.example:443', await promise)
  assert.match(answer, /^HTTP\/1\.1 200 Connection established\r\n\r\n/)
  const reply =
    answer.length > 39 ? Buffer.from(answer.slice(39), 'latin1') : ((await once(socket, 'data'))[0] as Buffer)
  // A TLS handshake record holding a ServerHello.
  assert.deepEqual([reply[0], reply[5]], [22, 2])
  hello.destroy()
  catcher.close()
})

for (const target of ['api.store.example:443', 'API.Store.EXAMPLE:443', 'api.store.example']) {
  test(`a tunnel to ${target} is the store's`, async () => {
    await using run = await startRedirected(echo)
    const { answer, socket } = await run.tunnel(target)
    assert.match(answer, /^HTTP\/1\.1 200 Connection established/)
    socket.destroy()
    assert.deepEqual(run.refused, [])
  })
}

for (const [target, refused] of [
  ['example.com:443', 'example.com:443 is no store of the sandbox'],
  ['x.api.store.example:443', 'x.api.store.example:443 is no store of the sandbox'],
  ['xapi.store.example:443', 'xapi.store.example:443 is no store of the sandbox'],
  ['api.store.example.evil.example:443', 'api.store.example.evil.example:443 is no store of the sandbox'],
  ['store.example:443', 'store.example:443 is no store of the sandbox'],
  ['api-store.example:443', 'api-store.example:443 is no store of the sandbox'],
  ['api.store.example.:443', 'api.store.example.:443 is no store of the sandbox'],
  ['203.0.113.7:443', '203.0.113.7:443 is no store of the sandbox'],
  ['127.0.0.1:443', '127.0.0.1:443 is no store of the sandbox'],
  ['[2001:db8::1]:443', '2001:db8::1:443 is no store of the sandbox'],
  ['[::1]:443', '::1:443 is no store of the sandbox'],
  ['api.store.example:80', 'api.store.example:80 is served on port 443 only'],
  ['api.store.example:8443', 'api.store.example:8443 is served on port 443 only'],
  ['api.store.example:0443', null],
] as const) {
  test(`a tunnel to ${target} is ${refused === null ? 'the store’s' : 'refused'}`, async () => {
    await using run = await startRedirected(echo)
    const { answer, socket } = await run.tunnel(target)
    socket.destroy()
    if (refused === null) {
      assert.match(answer, /^HTTP\/1\.1 200 /)
      return
    }
    assert.deepEqual(run.refused, [refused])
    const reason = refused.slice(refused.indexOf(' ') + 1)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 403 [^\\r]+ ${reason} \\(slipway run\\)\\r\\n`))
    assert.ok(answer.endsWith(`\r\n\r\nslipway run: ${refused}; the client was kept from reaching it\n`))
  })
}

/** A request to the proxy with its whole address in the first line. */
async function ask(run: Redirected, url: string, body?: AsyncIterable<Uint8Array>, agent?: Agent) {
  const { port } = new URL(run.proxy.url)
  const outgoing = request({
    port,
    host: '127.0.0.1',
    method: body ? 'POST' : 'GET',
    path: url,
    agent: agent ?? false,
  })
  for await (const chunk of body ?? []) outgoing.write(chunk)
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode, reason: answer.statusMessage, text: Buffer.concat(chunks).toString() }
}

test('plain requests reach the sandbox by its own address, kept alive and chunked', async () => {
  await using run = await startRedirected(echo)
  using agent = disposable(new Agent({ keepAlive: true, maxSockets: 1 }))
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const body = (async function* () {
      yield Buffer.from('so ')
      yield Buffer.from('far')
    })()
    const url = `http://${host}:${run.sandboxPort}/v1/products?x=1`
    const answer = JSON.parse((await ask(run, url, body, agent)).text)
    assert.equal(answer.url, '/v1/products?x=1')
    assert.equal(answer.headers['transfer-encoding'], 'chunked')
    assert.equal(answer.sha256, createHash('sha256').update('so far').digest('hex'))
  }
  assert.deepEqual(run.refused, [])
})

test('an https address in a plain request is served as well: older clients do not tunnel', async () => {
  await using run = await startRedirected(echo)
  const { status, text } = await ask(run, 'https://API.store.example/v1/x')
  assert.equal(status, 200)
  assert.equal(JSON.parse(text).url, '/v1/x')
})

for (const [url, refused] of [
  ['http://example.com/', 'example.com:80 is no store of the sandbox'],
  ['http://api.store.example/', 'api.store.example:80 is served over https only'],
  ['https://api.store.example:8443/', 'api.store.example:8443 is served on port 443 only'],
  ['https://example.com/', 'example.com:443 is no store of the sandbox'],
  ['http://127.0.0.1:1/', '127.0.0.1:1 is no store of the sandbox'],
] as const) {
  test(`a plain request for ${url} is refused`, async () => {
    await using run = await startRedirected(echo)
    const { status, text } = await ask(run, url)
    assert.equal(status, 403)
    assert.equal(text, `slipway run: ${refused}; the client was kept from reaching it\n`)
    assert.deepEqual(run.refused, [refused])
  })
}

test('the proxy itself has nothing to show', async () => {
  await using run = await startRedirected(echo)
  const { status, reason } = await ask(run, '/v1/products')
  assert.equal(status, 403)
  assert.match(String(reason), /\(slipway run\)$/)
})

test('a tunnel to the sandbox by its own address is plain', async () => {
  await using run = await startRedirected(echo)
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const { socket } = await run.tunnel(`${host}:${run.sandboxPort}`)
    socket.write(get(host))
    assert.match(await read(socket, '"sha256"'), /^HTTP\/1\.1 200 OK/)
    socket.destroy()
  }
})

test('sockets that are sent to the TLS port need no tunnel', async () => {
  await using run = await startRedirected(echo)
  const socket = connectTls({
    port: run.proxy.tlsPort,
    host: '127.0.0.1',
    servername: 'login.store.example',
    ca: run.authority.certificate,
  })
  await once(socket, 'secureConnect')
  socket.write(get('login.store.example'))
  assert.match(await read(socket, '"sha256"'), /"host":"login\.store\.example"/)
})

test('its end closes ports and open tunnels', async () => {
  const run = await startRedirected(() => {})
  const socket = await run.secure('api.store.example')
  const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve))
  socket.write(get('api.store.example'))
  await run[Symbol.asyncDispose]()
  await closed
  for (const port of [run.proxy.tlsPort, Number(new URL(run.proxy.url).port)]) {
    await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), /ECONNREFUSED/)
  }
})

function disposable(agent: Agent): Agent & Disposable {
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() })
}
