import { createClient } from '../src/client/index.ts'
import { progress } from './progress.ts'

/** Waits until the product's submission is live, and prints everything that happened to it. */
export async function printTimeline(url: string, productId: string): Promise<void> {
  const client = createClient({ url, token: 'sandbox-token' })
  const events = await progress('wait for certification and publication', async () => {
    const seen = []
    for await (const event of client.events.watch({ productId })) {
      seen.push(event)
      if (event.type === 'submission.published') return seen
    }
    throw new Error('the server ended before the submission was published')
  })
  console.log(`\nWhat happened to ${productId}`)
  for (const { at, type, data } of events) {
    console.log(`  ${at.slice(11, 23)}  ${type.padEnd(22)} ${detail(data)}`)
  }
  console.log()
}

function detail(data: { readonly [key: string]: unknown }): string {
  if (data.to !== undefined) return `${data.from} → ${data.to}`
  if (data.sound !== undefined) return data.sound ? 'sound' : 'not sound'
  if (data.status !== undefined) return `${data.kind} ${data.status}`
  if (data.kind !== undefined) return `${data.kind}${data.size === undefined ? '' : `, ${data.size} bytes`}`
  return ''
}
