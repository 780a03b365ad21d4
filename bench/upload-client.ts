/**
 * The official client in a process of its own: `URL MEBIBYTES SEED memory|stream`. Sends blocks of 8 MiB, four at
 * the same time, and prints how many seconds that took. No two blocks and no two seeds are alike.
 */
import { Readable } from 'node:stream'
import { BlockBlobClient } from '@azure/storage-blob'
import { seededRandom } from '../test/helpers/seeded-random.ts'

const [url = '', mebibytes = '0', seed = '0', from = 'memory'] = process.argv.slice(2)
const blockSize = 8 * 1024 ** 2
const size = Number(mebibytes) * 1024 ** 2
const noise = Buffer.from(seededRandom(Number(seed)).bytes(1024 ** 2))

/** Noise, repeated, with its position in every page. */
function fill(bytes: Buffer, offset: number): Buffer {
  bytes.fill(noise)
  for (let at = 0; at < bytes.length; at += 4096) bytes.writeDoubleLE(offset + at, at)
  return bytes
}

async function* blocks(): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += blockSize) {
    yield fill(Buffer.allocUnsafeSlow(Math.min(blockSize, size - at)), at)
  }
}

const client = new BlockBlobClient(url)
const whole = from === 'memory' ? fill(Buffer.allocUnsafeSlow(size), 0) : undefined
const start = performance.now()
if (whole) await client.uploadData(whole, { blockSize, concurrency: 4, maxSingleShotSize: 0 })
else await client.uploadStream(Readable.from(blocks(), { highWaterMark: 1 }), blockSize, 4)
console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000 }))
