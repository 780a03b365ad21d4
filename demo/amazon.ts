import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { call, tokenOf } from './http.ts'
import { progress } from './progress.ts'

const appId = 'amzn1.devportal.mobileapp.slipway'

/**
 * Publishes the APK that ships inside the npm package `android-apidemos` through the Amazon App Submission API:
 * open an edit, replace the APK, write release notes, commit.
 * @returns the product's id
 */
export async function publishApk(url: string): Promise<string> {
  const token = await progress('Amazon: log in', () =>
    tokenOf(`${url}/auth/o2/token`, {
      client_id: 'amzn1.application-oa2-client.slipway',
      client_secret: 'sandbox-secret',
      scope: 'appstore::apps:readwrite',
    }),
  )
  const headers = { authorization: `Bearer ${token}` }
  const edits = `${url}/api/appstore/v1/applications/${appId}/edits`
  const edit = await progress('Amazon: open an edit', async () => {
    const { text } = await call(edits, { method: 'POST', headers })
    return `${edits}/${(JSON.parse(text) as { id: string }).id}`
  })
  await progress('Amazon: replace the APK by a real one of 6 MiB', async () => {
    const [apk] = JSON.parse((await call(`${edit}/apks`, { headers })).text) as { id: string }[]
    const etag = (await call(`${edit}/apks/${apk?.id}`, { headers })).headers.get('etag') ?? ''
    const type = 'application/vnd.android.package-archive'
    return call(`${edit}/apks/${apk?.id}/replace`, {
      method: 'PUT',
      headers: { ...headers, 'if-match': etag, 'content-type': type },
      body: await readApk(),
    })
  })
  await progress('Amazon: write release notes', async () => {
    const { text, headers: found } = await call(`${edit}/listings/en-US`, { headers })
    const listing = { ...(JSON.parse(text) as object), recentChanges: 'Published by the demo.' }
    return call(`${edit}/listings/en-US`, {
      method: 'PUT',
      headers: { ...headers, 'if-match': found.get('etag') ?? '', 'content-type': 'application/json' },
      body: JSON.stringify(listing),
    })
  })
  await progress('Amazon: commit', async () => {
    const etag = (await call(edit, { headers })).headers.get('etag') ?? ''
    return call(`${edit}/commit`, { method: 'POST', headers: { ...headers, 'if-match': etag } })
  })
  return appId
}

function readApk(): Promise<Uint8Array> {
  const folder = dirname(createRequire(import.meta.url).resolve('android-apidemos/package.json'))
  return readFile(join(folder, 'apks/ApiDemos-debug.apk'))
}
