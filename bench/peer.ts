/**
 * The bare limit beside us. `answer N`: sends N bytes of JSON to every request. `unchanged`: answers 304. `receive
 * FOLDER`: request → SHA-256 → file → fsync, and 202.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const [mode, argument = ''] = process.argv.slice(2)
let received = 0

const server = createServer(async (request, response) => {
  if (mode === 'receive' && request.method === 'POST') {
    await using file = await open(join(argument, `bare-${received++}`), 'w')
    const hash = createHash('sha256')
    for await (const chunk of request) {
      hash.update(chunk as Buffer)
      await file.write(chunk as Buffer)
    }
    await file.sync()
    hash.digest('hex')
    response.writeHead(202, { 'content-length': '0' }).end()
    return
  }
  if (mode === 'unchanged') {
    response.writeHead(304, { etag: '"x"' }).end()
    return
  }
  const body = 'x'.repeat(mode === 'answer' ? Number(argument) : 2)
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
  })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.on('SIGTERM', () => process.exit(0))
