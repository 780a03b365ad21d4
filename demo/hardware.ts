import { setTimeout as sleep } from 'node:timers/promises'
import { buildMszipCab } from '../test/helpers/cab-builder.ts'
import { makeSigner, signCab } from '../test/helpers/cab-signer.ts'
import { driverFolder } from '../test/helpers/inf-builder.ts'
import { call, tokenOf } from './http.ts'
import { progress } from './progress.ts'

interface Item {
  readonly type: string
  readonly url: string
}

/**
 * Has a driver signed through the Microsoft Hardware API: product, submission, upload behind the signed URL,
 * commit, poll, and the signed package fetched.
 * @returns the product's id
 */
export async function signDriver(url: string): Promise<string> {
  const token = await tokenOf(`${url}/11111111-1111-1111-1111-111111111111/oauth2/token`, {
    client_id: '22222222-2222-2222-2222-222222222222',
    client_secret: 'sandbox-secret',
    resource: 'https://manage.devcenter.microsoft.com',
  })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const products = `${url}/v2.0/my/hardware/products`
  const product = await progress('Hardware: create a product', async () => {
    const body = JSON.stringify({
      productName: 'Slipway demo driver',
      testHarness: 'Attestation',
      deviceType: 'internalExternal',
      requestedSignatures: ['WINDOWS_v100_X64_RS4_FULL'],
      selectedProductTypes: { Windows_v100_RS4: 'Unclassified' },
    })
    return idOf((await call(products, { method: 'POST', headers, body })).text)
  })
  const submissions = `${products}/${product}/submissions`
  const cab = await progress('Hardware: sign a cabinet with an INF in it', async () => {
    return signCab(buildMszipCab(driverFolder('demo', 'demo')), await makeSigner())
  })
  const submission = await progress('Hardware: create a submission and upload the cabinet', async () => {
    const body = JSON.stringify({ name: 'demo', type: 'initial' })
    const { text } = await call(submissions, { method: 'POST', headers, body })
    const place = itemOf(text, 'initialPackage')
    await call(place?.url ?? '', { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: cab })
    return idOf(text)
  })
  await progress('Hardware: commit, and wait for the signed package', async () => {
    await call(`${submissions}/${submission}/commit`, { method: 'POST', headers })
    for (;;) {
      const { text } = await call(`${submissions}/${submission}`, { headers })
      const signed = itemOf(text, 'signedPackage')
      if (signed) return call(signed.url)
      const { workflowStatus } = JSON.parse(text) as {
        workflowStatus: { state: string; messages: string[] }
      }
      if (workflowStatus.state === 'failed') throw new Error(workflowStatus.messages.join('\n'))
      await sleep(50)
    }
  })
  return product
}

/** Ids are integers beyond what a number holds, so they are read from the link, as Node clients do. */
function idOf(text: string): string {
  const { links } = JSON.parse(text) as { links: { href: string }[] }
  return links[0]?.href.split('/').at(-1) ?? ''
}

function itemOf(text: string, type: string): Item | undefined {
  const { downloads } = JSON.parse(text) as { downloads?: { items: Item[] } }
  return downloads?.items.find((item) => item.type === type)
}
