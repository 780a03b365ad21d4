import assert from 'node:assert/strict'
import { createCipheriv, createHash, type Hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { BlockBlobClient } from '@azure/storage-blob'
import { devCenter, seededStore } from '../helpers/microsoft-client.ts'
import { memoryOf } from '../helpers/processes.ts'
import { startServerProcess } from '../helpers/server-process.ts'
import { progress } from './progress.ts'

const mebibyte = 1 << 20
const size = 4 << 10

/** The bar is for the upload; reading back must not need what is read either. */
const most = { upload: 160, both: 256 }

test('4 GiB in blocks from the official client: byte for byte what was sent, in at most 160 MiB', {
  timeout: 1_800_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-soak-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await using server = await startServerProcess(join(folder, 'data'), { flags: { log: 'error' } })
  const peak = () => memoryOf(server.pid, 'most')
  const before = peak()
  const client = new BlockBlobClient(await uploadUrl(server.url))
  const show = (what: string) => (mebibytes: number) =>
    progress(`${what} ${mebibytes} of ${size} MiB, the server had ${peak().toFixed(0)} MiB at most`)

  const sent = createHash('sha256')
  const start = performance.now()
  await client.uploadStream(Readable.from(noise(sent, show('sent'))), 8 * mebibyte, 4)
  const seconds = (performance.now() - start) / 1000
  const afterUpload = peak()

  const received = createHash('sha256')
  const { readableStreamBody, contentLength } = await client.download()
  assert.equal(contentLength, size * mebibyte)
  const showRead = show('read')
  let bytes = 0
  for await (const chunk of readableStreamBody ?? []) {
    received.update(chunk)
    const done = Math.floor((bytes + chunk.length) / mebibyte)
    if (done > Math.floor(bytes / mebibyte) && done % 16 === 0) showRead(done)
    bytes += chunk.length
  }
  progress('')
  t.diagnostic(
    `${((size * mebibyte) / seconds / mebibyte).toFixed(0)} MiB/s; memory ${before.toFixed(0)} MiB before, ${afterUpload.toFixed(0)} MiB at most in the upload, ${peak().toFixed(0)} MiB with the download`,
  )
  assert.equal(received.digest('hex'), sent.digest('hex'))
  assert.ok(afterUpload <= most.upload, `${afterUpload} MiB`)
  assert.ok(peak() <= most.both, `${peak()} MiB`)
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
})

/** Bytes that nothing compresses, as fast as they are asked for, and their hash. */
function* noise(hash: Hash, show: (mebibytes: number) => void): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16))
  const zeros = Buffer.alloc(mebibyte)
  for (let done = 0; done < size; done++) {
    if (done % 16 === 0) show(done)
    const bytes = cipher.update(zeros)
    hash.update(bytes)
    yield bytes
  }
}

/** Where a new draft of the sandbox's app is uploaded to. */
async function uploadUrl(server: string): Promise<string> {
  const { appId, tenantId, clientId, secret } = seededStore
  const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret }
  const body = new URLSearchParams({ ...fields, resource: devCenter })
  const granted = await fetch(`${server}/${tenantId}/oauth2/token`, { method: 'POST', body })
  const { access_token: token } = (await granted.json()) as { access_token: string }
  const draft = await fetch(`${server}/v1.0/my/applications/${appId}/submissions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  assert.equal(draft.status, 201)
  return ((await draft.json()) as { fileUploadUrl: string }).fileUploadUrl
}
