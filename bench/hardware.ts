/** The Hardware API's bar: pages of ten thousand products. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attestation, hardwareRoot } from '../test/helpers/hardware-client.ts'
import { devCenterToken } from './dev-center-token.ts'
import { serve, slipway } from './processes.ts'
import { median, ms, type Report, times } from './row.ts'

const products = 10_000
const perPage = 50

type Headers = { readonly [name: string]: string }

export async function hardware(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    const args = ['serve', '--port', '0', '--log', 'warn', '--data', join(folder, 'data')]
    await using served = await serve([slipway, ...args], '/healthz')
    const headers = { authorization: `Bearer ${await devCenterToken(served.url)}` }
    await makeProducts(served.url, headers)
    const rounds: number[][] = []
    for (let round = 0; round < 12; round++) {
      // Otherwise the collector would come at the same page in every round.
      for (let extra = 0; extra < round * 7; extra++) await firstPage(served.url, headers)
      rounds.push(await pages(served.url, headers))
    }
    // Each page by its best, so that a pause of the collector is not taken for a slow page.
    const spent =
      rounds[0]?.map((_each, page) => Math.min(...rounds.map((round) => round[page] ?? Number.NaN))) ?? []
    const [first = Number.NaN] = spent
    const tenth = Math.floor(spent.length / 10)
    const early = median(spent.slice(0, tenth))
    const late = median(spent.slice(-tenth))
    return {
      name: 'hardware',
      rows: [
        {
          what: `list ${products} products by pages of ${perPage}: the last ${tenth} pages ${ms(late)}, the first ${tenth} ${ms(early)}`,
          value: times(late / early),
          bar: 'at most 1.3 ×',
        },
        {
          what: `the slowest of the ${spent.length} pages against the first, ${ms(first)}`,
          value: times(Math.max(...spent) / first),
          bar: 'at most 1.3 ×',
        },
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeProducts(url: string, headers: Headers): Promise<void> {
  let made = 0
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (made < products) {
        made += 1
        const body = JSON.stringify({ ...attestation, productName: `Driver ${made}` })
        const response = await fetch(`${url}${hardwareRoot}/products`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body,
        })
        const answer = await response.text()
        if (!response.ok) throw new Error(`a product answered ${response.status}: ${answer}`)
      }
    }),
  )
}

async function firstPage(url: string, headers: Headers): Promise<void> {
  await (await fetch(`${url}${hardwareRoot}/products?pageSize=${perPage}`, { headers })).text()
}

/** Milliseconds for each page, by the links of the answers as clients follow them. */
async function pages(url: string, headers: Headers): Promise<number[]> {
  const spent: number[] = []
  let next: string | undefined = `${url}${hardwareRoot}/products?pageSize=${perPage}`
  while (next !== undefined) {
    const start = performance.now()
    const response: Response = await fetch(next, { headers })
    const text = await response.text()
    spent.push(performance.now() - start)
    if (!response.ok) throw new Error(`${next} answered ${response.status}: ${text}`)
    const page = JSON.parse(text) as { links?: { rel: string; href: string }[] }
    const link: string | undefined = page.links?.find(({ rel }) => rel === 'next_link')?.href
    next =
      link === undefined
        ? undefined
        : new URL(new URL(link, url).search, `${url}${hardwareRoot}/products`).href
  }
  return spent
}
