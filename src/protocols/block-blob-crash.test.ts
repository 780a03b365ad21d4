import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { ask } from '../../test/helpers/ask.ts'
import { type Place, pathOf } from '../../test/helpers/blob-depot.ts'
import { blockBlob, idOf, latest } from '../../test/helpers/blob-requests.ts'
import { connectRaw } from '../../test/helpers/raw-connection.ts'
import { seededRandom } from '../../test/helpers/seeded-random.ts'
import { startServerProcess } from '../../test/helpers/server-process.ts'

const command = [
  process.execPath,
  resolve(import.meta.dirname, '../../test/helpers/blob-depot-main.ts'),
] as const

const blockBytes = 1_500_000
const names = ['block-0', 'block-1', 'block-2', 'block-3']
const blocks = names.map((_name, index) => Buffer.from(seededRandom(index + 1).bytes(blockBytes)))
const blockPath = (path: string, name = '') => `${path}&comp=block&blockid=${encodeURIComponent(idOf(name))}`

test('killed between Put Block and Put Block List: what was acknowledged is there, what was not can be sent again', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-blob-crash-'))
  try {
    let path = ''
    {
      await using server = await startServerProcess(folder, { command })
      const opened = await ask(server.url, { method: 'POST', path: '/depot/places' })
      path = pathOf((JSON.parse(opened.body) as Place).url)
      const sent = await Promise.all(
        blocks
          .slice(0, 3)
          .map((body, index) =>
            ask(server.url, { method: 'PUT', path: blockPath(path, names[index]), body }),
          ),
      )
      assert.deepEqual(
        sent.map(({ status }) => status),
        [201, 201, 201],
      )
      await using half = await connectRaw(server.url)
      half.send(
        `PUT ${blockPath(path, names[3])} HTTP/1.1\r\nHost: x\r\nContent-Length: ${blockBytes}\r\n\r\n`,
      )
      half.send(blocks[3]?.subarray(0, 1_200_000) ?? '')
      await untilWriting(folder)
      await server.kill('SIGKILL')
    }
    {
      await using server = await startServerProcess(folder, { command })
      const { body } = await ask(server.url, { path: `${path}&comp=blocklist&blocklisttype=all` })
      assert.deepEqual(
        [...body.matchAll(/<Name>([^<]+)<\/Name><Size>(\d+)<\/Size>/g)]
          .map(([, name, size]) => [name, size])
          .toSorted(),
        names.slice(0, 3).map((name) => [idOf(name), String(blockBytes)]),
      )
      const list = latest(...names.map(idOf))
      const early = await ask(server.url, { method: 'PUT', path: `${path}&comp=blocklist`, body: list })
      assert.equal(early.headers['x-ms-error-code'], 'InvalidBlockList')
      const last = await ask(server.url, {
        method: 'PUT',
        path: blockPath(path, names[3]),
        body: blocks[3] ?? '',
      })
      assert.equal(last.status, 201)
      const made = await ask(server.url, { method: 'PUT', path: `${path}&comp=blocklist`, body: list })
      assert.equal(made.status, 201)
      await server.kill('SIGKILL')
    }
    await using server = await startServerProcess(folder, { command })
    const whole = Buffer.from(await (await fetch(server.url + path)).arrayBuffer())
    assert.ok(Buffer.concat(blocks).equals(whole))
    assert.deepEqual(await readdir(join(folder, 'blobs/tmp')), [])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('killed in the moment of the 201: the blob is there, whole', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-blob-crash-'))
  try {
    let path = ''
    {
      await using server = await startServerProcess(folder, { command })
      const opened = await ask(server.url, { method: 'POST', path: '/depot/places' })
      path = pathOf((JSON.parse(opened.body) as Place).url)
      const before = await ask(server.url, { method: 'PUT', path, headers: blockBlob, body: 'before' })
      assert.equal(before.status, 201)
      const put = await ask(server.url, {
        method: 'PUT',
        path,
        headers: blockBlob,
        body: Buffer.concat(blocks),
      })
      await server.kill('SIGKILL')
      assert.equal(put.status, 201)
    }
    await using server = await startServerProcess(folder, { command })
    const whole = Buffer.from(await (await fetch(server.url + path)).arrayBuffer())
    assert.ok(Buffer.concat(blocks).equals(whole))
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** Until bytes of a block that is not whole have reached the disk. */
async function untilWriting(folder: string): Promise<void> {
  const deadline = performance.now() + 15_000
  while ((await readdir(join(folder, 'blobs/tmp'))).length === 0) {
    assert.ok(performance.now() < deadline, 'the server never began to write the last block')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
