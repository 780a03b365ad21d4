/** The Amazon Appstore's bar: a listing with its ETag, and the question whether it changed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requestsPerSecond } from './load.ts'
import { peer, serve, slipway } from './processes.ts'
import { median, percent, type Report, type Row } from './row.ts'

const app = '/api/appstore/v1/applications/amzn1.devportal.mobileapp.slipway'

export async function amazon(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    const args = ['serve', '--port', '0', '--log', 'warn', '--data', join(folder, 'data')]
    await using served = await serve([slipway, ...args], '/healthz')
    const headers = { authorization: `Bearer ${await takeToken(served.url)}` }
    const edit = await fetch(`${served.url}${app}/edits`, { method: 'POST', headers })
    const { id } = (await edit.json()) as { id: string }
    const path = `${app}/edits/${id}/listings/en-US`
    const listing = await fetch(`${served.url}${path}`, { headers })
    const etag = listing.headers.get('etag') ?? ''
    const { length } = await listing.text()
    return {
      name: 'amazon',
      rows: [
        await gets('GET listing, 10 connections', { url: served.url, path, headers }, [
          'answer',
          String(length),
        ]),
        await gets(
          'GET listing with If-None-Match, 304',
          { url: served.url, path, headers: { ...headers, 'if-none-match': etag } },
          ['unchanged'],
        ),
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Asked {
  readonly url: string
  readonly path: string
  readonly headers: { readonly [name: string]: string }
}

async function gets(what: string, asked: Asked, bareMode: readonly string[]): Promise<Row> {
  await using bare = await serve([peer, ...bareMode], '/')
  const load = { ...asked, connections: 10, milliseconds: 2000 }
  const ratios: number[] = []
  for (let round = 0; round < 7; round++) {
    const ours = await requestsPerSecond(load)
    const theirs = await requestsPerSecond({ ...load, url: bare.url })
    if (round > 1) ratios.push(ours / theirs)
  }
  return { what, value: percent(median(ratios)), bar: 'at least 30 %' }
}

async function takeToken(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/o2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'amzn1.application-oa2-client.slipway',
      client_secret: 'sandbox-secret',
      scope: 'appstore::apps:readwrite',
    }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}
