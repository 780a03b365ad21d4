import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { devCenter, type Json, seededStore } from '../helpers/microsoft-client.ts'
import { buildMsix } from '../helpers/msix-builder.ts'
import { type ServerProcess, startServerProcess } from '../helpers/server-process.ts'
import { buildZip } from '../helpers/zip-builder.ts'

const { appId, tenantId, clientId, secret } = seededStore
const root = `/v1.0/my/applications/${appId}/submissions`

/** Short, but long enough to be killed in. */
const flags = { log: 'error', pace: '0.1' } as const

/** Milliseconds after the answer at which the server is killed, through ingestion, certification and release. */
const moments = [0, 20, 60, 100, 150, 250] as const

async function token({ url }: ServerProcess): Promise<string> {
  const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret }
  const body = new URLSearchParams({ ...fields, resource: devCenter })
  const answer = await fetch(`${url}/${tenantId}/oauth2/token`, { method: 'POST', body })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** Tokens outlive the process: its keys are in the database. */
async function ask(
  { url }: ServerProcess,
  bearer: string,
  method: string,
  path: string,
  body?: Json,
): Promise<{ status: number; json: Json }> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(url + path, { method, headers, ...sent })
  const text = await answer.text()
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) }
}

test('a server that is killed after an update, an upload or a commit goes on where it was, and publishes what was put', {
  timeout: 120_000,
}, async () => {
  const data = await mkdtemp(join(tmpdir(), 'slipway-crash-'))
  let server = await startServerProcess(data, { flags })
  const restart = async () => {
    await server.kill('SIGKILL')
    server = await startServerProcess(data, { flags })
  }
  try {
    const bearer = await token(server)
    for (const [round, moment] of moments.entries()) {
      const { json: draft } = await ask(server, bearer, 'POST', root)
      const one = `${root}/${draft.id}`
      for (const entry of draft.applicationPackages) entry.fileStatus = 'PendingDelete'
      draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
      assert.equal((await ask(server, bearer, 'PUT', one, draft)).status, 200)
      if (round === 1) await restart()
      const version = `2.${round}.0.0`
      const { json: read } = await ask(server, bearer, 'GET', one)
      assert.equal(read.applicationPackages.at(-1).fileName, 'app.msix')
      const zip = Buffer.from(buildZip({ 'app.msix': buildMsix({ version }) }))
      const put = await fetch(read.fileUploadUrl, {
        method: 'PUT',
        headers: { 'x-ms-blob-type': 'BlockBlob' },
        body: zip,
      })
      assert.equal(put.status, 201)
      if (round === 2) await restart()
      assert.equal((await ask(server, bearer, 'POST', `${one}/commit`)).status, 202)
      await delay(moment)
      await restart()
      let end: Json
      for (let poll = 0; poll < 200 && end?.status !== 'Published'; poll++) {
        await delay(50)
        end = (await ask(server, bearer, 'GET', one)).json
        assert.ok(!end.status.endsWith('Failed'), JSON.stringify(end.statusDetails))
      }
      assert.equal(end.status, 'Published')
      assert.deepEqual(
        end.applicationPackages.map((entry: Json) => [entry.fileName, entry.version, entry.fileStatus]),
        [['app.msix', version, 'Uploaded']],
      )
      const app = await ask(server, bearer, 'GET', `/v1.0/my/applications/${appId}`)
      assert.equal(app.json.lastPublishedApplicationSubmission.id, draft.id)
    }
  } finally {
    await server.kill('SIGKILL')
    await rm(data, { recursive: true, force: true })
  }
})
