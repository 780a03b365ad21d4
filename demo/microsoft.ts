import { setTimeout as sleep } from 'node:timers/promises'
import { buildMsix } from '../test/helpers/msix-builder.ts'
import { buildZip } from '../test/helpers/zip-builder.ts'
import { call, tokenOf } from './http.ts'
import { progress } from './progress.ts'

const appId = '9NSLIPWAY001'

interface Submission {
  readonly id: string
  readonly fileUploadUrl: string
  readonly pricing: { priceId: string }
  readonly applicationPackages: object[]
}

/**
 * Publishes an MSIX through the Microsoft Store submission API: create, update, upload behind the signed URL,
 * commit, poll.
 * @returns the product's id
 */
export async function publishMsix(url: string): Promise<string> {
  const token = await progress('Microsoft: take a token of the Entra endpoint', () =>
    tokenOf(`${url}/11111111-1111-1111-1111-111111111111/oauth2/token`, {
      client_id: '22222222-2222-2222-2222-222222222222',
      client_secret: 'sandbox-secret',
      resource: 'https://manage.devcenter.microsoft.com',
    }),
  )
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const submissions = `${url}/v1.0/my/applications/${appId}/submissions`
  const draft = await progress('Microsoft: create a submission', async () => {
    const { text } = await call(submissions, { method: 'POST', headers })
    return JSON.parse(text) as Submission
  })
  await progress('Microsoft: add the package to it', () => {
    const packages = draft.applicationPackages.map((pack) => ({ ...pack, fileStatus: 'PendingDelete' }))
    const fresh = { fileName: 'app.msix', fileStatus: 'PendingUpload' }
    const body = JSON.stringify({ ...draft, applicationPackages: [...packages, fresh] })
    return call(`${submissions}/${draft.id}`, { method: 'PUT', headers, body })
  })
  await progress('Microsoft: upload the ZIP behind its signed URL', () => {
    const msix = buildMsix({ version: '2.0.0.0' })
    const body = buildZip([{ name: 'app.msix', content: msix, method: 'stored' }])
    return call(draft.fileUploadUrl, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body })
  })
  await progress('Microsoft: commit, and wait until it is published', async () => {
    await call(`${submissions}/${draft.id}/commit`, { method: 'POST', headers })
    for (;;) {
      const { text } = await call(`${submissions}/${draft.id}/status`, { headers })
      const { status, statusDetails } = JSON.parse(text) as { status: string; statusDetails: object }
      if (status === 'Published') return
      if (status.endsWith('Failed')) throw new Error(`${status}: ${JSON.stringify(statusDetails)}`)
      await sleep(50)
    }
  })
  return appId
}
