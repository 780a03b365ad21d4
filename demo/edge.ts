import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildZip } from '../test/helpers/zip-builder.ts'
import { progress } from './progress.ts'

const productId = '33333333-3333-3333-3333-333333333333'
const headers = {
  authorization: 'ApiKey sandbox-api-key',
  'x-clientid': '22222222-2222-2222-2222-222222222222',
}

interface Operation {
  readonly status: string
  readonly message: string
  readonly errors: readonly { message: string }[] | null
}

/**
 * Uploads and publishes the extension that ships inside the npm package `@duckduckgo/autoconsent`, with the four
 * calls every Edge client makes.
 * @returns the product's id
 */
export async function publishExtension(url: string): Promise<string> {
  const submissions = `${url}/v1/products/${productId}/submissions`
  const zip = await progress('Edge: zip the extension @duckduckgo/autoconsent', zipExtension)
  const upload = await progress(`Edge: upload ${(zip.length / 1024).toFixed(0)} KiB`, () =>
    post(`${submissions}/draft/package`, { 'content-type': 'application/zip' }, zip),
  )
  await progress('Edge: wait until the package is validated', () =>
    poll(`${submissions}/draft/package/operations/${upload}`),
  )
  const publish = await progress('Edge: publish the draft', () =>
    post(submissions, { 'content-type': 'application/json' }, '{"notes":"from the demo"}'),
  )
  await progress('Edge: wait until the submission is created', () =>
    poll(`${submissions}/operations/${publish}`),
  )
  return productId
}

async function zipExtension(): Promise<Uint8Array> {
  const entry = fileURLToPath(import.meta.resolve('@duckduckgo/autoconsent'))
  const folder = join(entry.slice(0, entry.indexOf(`${sep}autoconsent${sep}`)), 'autoconsent/dist/addon-mv3')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  return buildZip(
    await Promise.all(
      files.map(async (file) => ({
        name: relative(folder, file).split(sep).join('/'),
        content: await readFile(file),
      })),
    ),
  )
}

/** @returns the operation's id: the whole of `Location` */
async function post(
  url: string,
  more: { [name: string]: string },
  body: Uint8Array | string,
): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers: { ...headers, ...more }, body })
  if (response.status !== 202)
    throw new Error(`POST ${url} answered ${response.status} ${response.statusText}`)
  return response.headers.get('location') ?? ''
}

async function poll(url: string): Promise<Operation> {
  for (;;) {
    const response = await fetch(url, { headers })
    const operation = (await response.json()) as Operation
    if (operation.status === 'Succeeded') return operation
    if (operation.status !== 'InProgress') {
      const errors = operation.errors?.map((error) => `\n  ${error.message}`).join('') ?? ''
      throw new Error(`${operation.message}${errors}`)
    }
    await sleep(50)
  }
}
