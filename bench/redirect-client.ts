/** Runs inside `slipway run`: uploads in turn to the sandbox's address and to the store's name, and says how long. */
import { readFileSync } from 'node:fs'
import { Agent, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Measured } from './redirect.ts'

const uploadBytes = 500 * 1024 ** 2
const chunk = Buffer.alloc(64 * 1024, 'slipway')
const store = 'https://api.addons.microsoftedge.microsoft.com'
const { SLIPWAY_URL, SLIPWAY_API_KEY, SLIPWAY_CLIENT_ID, SLIPWAY_EDGE_PRODUCT_ID } = process.env
const path = `/v1/products/${SLIPWAY_EDGE_PRODUCT_ID}/submissions/draft/package`
const headers = {
  authorization: `ApiKey ${SLIPWAY_API_KEY}`,
  'x-clientid': SLIPWAY_CLIENT_ID,
  'content-type': 'application/zip',
}

const direct: number[] = []
const redirected: number[] = []
const idleBytes = memory()
let peakBytes = idleBytes
for (let round = 0; round <= Number(process.argv[2]); round++) {
  // An agent of its own has nothing to do with the proxy of the environment.
  const plain = await upload(`${SLIPWAY_URL}${path}`, new Agent())
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, memory())
  }, 20)
  const secure = await upload(`${store}${path}`)
  clearInterval(sampling)
  if (round === 0) continue
  direct.push(plain)
  redirected.push(secure)
}
const measured: Measured = { direct, redirected, idleBytes, peakBytes }
console.log(JSON.stringify(measured))

async function upload(url: string, agent?: Agent): Promise<number> {
  const start = performance.now()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const send = url.startsWith('https:') ? requestSecure : requestPlain
  const call = send(url, { method: 'POST', headers, ...(agent ? { agent } : {}) }, (response) => {
    const milliseconds = performance.now() - start
    response.resume().on('end', () => {
      if (response.statusCode === 202) resolve(milliseconds)
      else reject(new Error(`${url} answered ${response.statusCode}`))
    })
  })
  call.on('error', reject)
  let left = uploadBytes / chunk.length
  const write = () => {
    while (left-- > 0) if (!call.write(chunk)) return void call.once('drain', write)
    call.end()
  }
  write()
  const milliseconds = await promise
  agent?.destroy()
  // What was uploaded is no archive; its inspection must not run into the next round.
  await sleep(500)
  return milliseconds
}

/** Resident memory of the run, whose child this is, in bytes; Linux only. */
function memory(): number {
  try {
    const text = readFileSync(`/proc/${process.ppid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) * 1024
  } catch {
    return Number.NaN
  }
}
