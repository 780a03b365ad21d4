import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { type BlobStore, BlobTooLarge } from '../../src/blobs/blob-store.ts'
import { seededRandom } from '../helpers/seeded-random.ts'

/** More than any age. */
const young = { youngerThanMs: 24 * 60 * 60 * 1000 }
/** Less than any age. */
const ageless = { youngerThanMs: -1 }

/** An empty blob store. */
export interface BlobsUnderTest extends AsyncDisposable {
  readonly blobs: BlobStore
  /** Opens the same store anew, as the next start of the server does. */
  again(): Promise<BlobStore>
  /** Names of everything that is kept, finished or not, as far as the place tells. */
  kept(): Promise<string[]>
  /** Whether what is being written can be seen in {@link kept}, and be given up. */
  readonly showsUnfinished: boolean
}

const noLimit = { maxBytes: Number.MAX_SAFE_INTEGER }
const missing = '0'.repeat(64)

/** What every blob adapter must do; `open` gives a new empty one each time. */
export function blobSuite(name: string, open: () => Promise<BlobsUnderTest>): void {
  const says = (behaviour: string, check: (opened: BlobsUnderTest) => Promise<void>) =>
    test(`${name}: ${behaviour}`, { timeout: 20_000 }, async () => {
      await using opened = await open()
      await check(opened)
    })

  const shapes: readonly { readonly what: string; readonly chunks: readonly number[] }[] = [
    { what: 'no chunk at all', chunks: [] },
    { what: 'one empty chunk', chunks: [0] },
    { what: 'one byte', chunks: [1] },
    { what: 'empty chunks among others', chunks: [0, 10, 0, 0, 20, 0] },
    { what: 'many small chunks', chunks: Array.from({ length: 3000 }, (_each, index) => index % 700) },
    { what: 'exactly a megabyte', chunks: [1024 ** 2] },
    { what: 'a megabyte and a byte', chunks: [1024 ** 2, 1] },
    { what: 'one chunk of many megabytes', chunks: [9 * 1024 ** 2 + 7] },
    { what: 'many large chunks', chunks: Array.from({ length: 40 }, () => 300_001) },
  ]
  for (const { what, chunks } of shapes) {
    says(`a source of ${what} is named by its hash and comes back byte for byte`, async ({ blobs }) => {
      const parts = chunks.map((length, index) => bytesOf(length, index))
      const whole = Buffer.concat(parts)
      const blob = await blobs.put(source(parts), noLimit)
      assert.deepEqual(blob, { sha256: sha256(whole), size: whole.length })
      assert.equal(await blobs.size(blob.sha256), whole.length)
      assert.ok(whole.equals(await buffer(blobs.stream(blob.sha256))), 'the stream differs')
      await using local = await blobs.local(blob.sha256)
      assert.ok(whole.equals(await readFile(local.parts[0]?.path ?? '')), 'the local file differs')
    })
  }

  says('ranges are read with both ends included', async ({ blobs }) => {
    const whole = bytesOf(100_000)
    const { sha256 } = await blobs.put(source([whole]), noLimit)
    for (const [start, end] of [
      [0, 0],
      [0, 9],
      [99_999, 99_999],
      [65_530, 65_545],
      [0, 99_999],
    ] as const) {
      const read = await buffer(blobs.stream(sha256, { start, end }))
      assert.ok(read.equals(whole.subarray(start, end + 1)), `${start}-${end}`)
    }
  })

  says(
    'a source of exactly the limit is taken, a byte more is too large and leaves nothing',
    async (opened) => {
      const { blobs } = opened
      const parts = [bytesOf(1000), bytesOf(1000, 1)]
      await assert.rejects(blobs.put(source(parts), { maxBytes: 1999 }), BlobTooLarge)
      assert.deepEqual(await opened.kept(), [])
      assert.equal((await blobs.put(source(parts), { maxBytes: 2000 })).size, 2000)
    },
  )

  says('a source that is too large is not read to its end', async (opened) => {
    let read = 0
    let closed = false
    async function* endless() {
      try {
        for (;;) yield bytesOf(100_000, read++)
      } finally {
        closed = true
      }
    }
    await assert.rejects(opened.blobs.put(endless(), { maxBytes: 3_000_000 }), BlobTooLarge)
    assert.ok(closed)
    assert.equal(read, 31)
    assert.deepEqual(await opened.kept(), [])
  })

  for (const [when, before] of [
    ['at once', 0],
    ['after a little', 5],
    ['after megabytes', 50],
  ] as const) {
    says(`a source that fails ${when} leaves nothing, and its own error comes through`, async (opened) => {
      const reason = new Error('the client went away')
      async function* breaking() {
        for (let index = 0; index < before; index++) yield bytesOf(100_000, index)
        throw reason
      }
      await assert.rejects(opened.blobs.put(breaking(), noLimit), (error) => error === reason)
      assert.deepEqual(await opened.kept(), [])
    })
  }

  says('a source may overwrite or give back what it handed out before', async ({ blobs }) => {
    const chunks = [1, 70_000, 600_000, 5].map((length, index) => bytesOf(length, index))
    async function* reusing() {
      const memory = new Uint8Array(new ArrayBuffer(600_000))
      for (const chunk of chunks) {
        memory.set(chunk)
        yield memory.subarray(0, chunk.length)
        memory.fill(0)
      }
      memory.buffer.transfer(0)
    }
    const whole = Buffer.concat(chunks)
    const blob = await blobs.put(reusing(), noLimit)
    assert.deepEqual(blob, { sha256: sha256(whole), size: whole.length })
    assert.ok(whole.equals(await buffer(blobs.stream(blob.sha256))))
  })

  says('the same bytes twice are one blob', async (opened) => {
    const bytes = bytesOf(50_000)
    const first = await opened.blobs.put(source([bytes]), noLimit)
    assert.deepEqual(
      await opened.blobs.put(source([bytes.subarray(0, 7), bytes.subarray(7)]), noLimit),
      first,
    )
    assert.equal((await opened.kept()).length, 1)
    assert.ok(bytes.equals(await buffer(opened.blobs.stream(first.sha256))))
  })

  says('a second put of the same bytes that fails leaves the first as it was', async (opened) => {
    const bytes = bytesOf(50_000)
    const { sha256 } = await opened.blobs.put(source([bytes]), noLimit)
    await assert.rejects(opened.blobs.put(source([bytes]), { maxBytes: 49_999 }), BlobTooLarge)
    assert.ok(bytes.equals(await buffer(opened.blobs.stream(sha256))))
  })

  says('puts at the same time do not mix, whether of the same bytes or of others', async (opened) => {
    const wholes = Array.from({ length: 12 }, (_each, index) => bytesOf(200_000 + index, index % 6))
    const put = async (whole: Buffer) => {
      const parts = [0, 50_000, 100_000, 150_000].map((from) =>
        whole.subarray(from, from === 150_000 ? whole.length : from + 50_000),
      )
      return opened.blobs.put(source(parts), noLimit)
    }
    const same = bytesOf(300_000, 99)
    const stored = await Promise.all([...wholes, same, same, same].map(put))
    for (const [index, whole] of [...wholes, same, same, same].entries()) {
      const blob = stored[index]
      assert.ok(blob)
      assert.equal(blob.sha256, sha256(whole))
      assert.ok(whole.equals(await buffer(opened.blobs.stream(blob.sha256))))
    }
    assert.equal((await opened.kept()).length, wholes.length + 1)
  })

  says('what is being read stays whole while the same bytes are put again', async ({ blobs }) => {
    const bytes = bytesOf(3_000_000)
    const { sha256 } = await blobs.put(source([bytes]), noLimit)
    await using local = await blobs.local(sha256)
    const [read] = await Promise.all([buffer(blobs.stream(sha256)), blobs.put(source([bytes]), noLimit)])
    assert.ok(bytes.equals(read))
    assert.ok(bytes.equals(await readFile(local.parts[0]?.path ?? '')))
  })

  says('a blob that is not there has no size, no local file and no stream', async ({ blobs }) => {
    assert.equal(await blobs.size(missing), undefined)
    await assert.rejects(blobs.local(missing))
    await assert.rejects(buffer(blobs.stream(missing)))
  })

  says('blobs are there after a restart', async (opened) => {
    const bytes = bytesOf(123_456)
    const { sha256 } = await opened.blobs.put(source([bytes]), noLimit)
    const again = await opened.again()
    assert.equal(await again.size(sha256), bytes.length)
    assert.ok(bytes.equals(await buffer(again.stream(sha256))))
  })

  says(
    'what a crash left half-written is tidied up by its age, and what was whole is not',
    async (opened) => {
      const whole = await opened.blobs.put(source([bytesOf(10)]), noLimit)
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
      const { promise: over, resolve: end } = Promise.withResolvers<void>()
      async function* stuck() {
        for (let index = 0; index < 20; index++) yield bytesOf(1_000_000, index)
        begin()
        await over
      }
      const putting = opened.blobs.put(stuck(), noLimit)
      await begun
      await opened.blobs.tidy(young)
      assert.equal((await opened.kept()).length > 1, opened.showsUnfinished)

      await opened.blobs.tidy(ageless)
      assert.equal((await opened.kept()).length, 1)
      assert.equal(await opened.blobs.size(whole.sha256), 10)
      end()
      if (opened.showsUnfinished) {
        await assert.rejects(putting)
        assert.equal((await opened.kept()).length, 1)
      } else {
        assert.equal((await putting).size, 20_000_000)
      }
    },
  )

  says('a composed blob has the bytes of its parts in order, whole and in ranges', async (opened) => {
    const wholes = [bytesOf(9_000_000), bytesOf(1, 1), bytesOf(70_000, 2), bytesOf(0), bytesOf(1, 1)]
    const parts = []
    for (const whole of wholes) parts.push(await opened.blobs.put(source([whole]), noLimit))
    const bytes = Buffer.concat(wholes)
    const composed = await opened.blobs.compose(parts)
    assert.equal(composed.size, bytes.length)
    assert.deepEqual(await opened.blobs.compose(parts), composed)
    assert.notEqual((await opened.blobs.compose([...parts].reverse())).sha256, composed.sha256)
    assert.equal(await opened.blobs.size(composed.sha256), bytes.length)
    assert.ok(bytes.equals(await buffer(opened.blobs.stream(composed.sha256))))
    for (const [start, end] of [
      [0, 0],
      [8_999_999, 9_000_001],
      [9_000_000, bytes.length - 1],
    ] as const) {
      const read = await buffer(opened.blobs.stream(composed.sha256, { start, end }))
      assert.ok(read.equals(bytes.subarray(start, end + 1)), `${start}-${end}`)
    }
    await using local = await opened.blobs.local(composed.sha256)
    const files = await Promise.all(local.parts.map(({ path }) => readFile(path)))
    assert.ok(bytes.equals(Buffer.concat(files)))
    assert.deepEqual(
      local.parts.map(({ size }) => size),
      files.map(({ length }) => length),
    )
  })

  says('nothing is composed of a part that is not there', async (opened) => {
    const part = await opened.blobs.put(source([bytesOf(10)]), noLimit)
    await assert.rejects(opened.blobs.compose([part, { sha256: missing, size: 1 }]))
    assert.equal((await opened.kept()).length, 1)
  })

  says(
    'every blob is on one page of the list, with its age; a composed one by its own name',
    async (opened) => {
      const parts = []
      for (let index = 0; index < 5; index++)
        parts.push(await opened.blobs.put(source([bytesOf(10, index)]), noLimit))
      const composed = await opened.blobs.compose(parts)
      const found = new Map<string, number>()
      for (let from: string | null = null; ; ) {
        const page = await opened.blobs.list(from)
        for (const { name, ageMs } of page.kept) {
          assert.ok(!found.has(name), `${name} twice`)
          found.set(name, ageMs)
        }
        from = page.next
        if (from === null) break
      }
      assert.deepEqual([...found.keys()].sort(), [...parts, composed].map(({ sha256 }) => sha256).sort())
      for (const ageMs of found.values()) assert.ok(ageMs >= 0 && ageMs < 60_000)
    },
  )

  says('a blob is removed unless it is too young, a composed one without its parts', async (opened) => {
    const { blobs } = opened
    const part = await blobs.put(source([bytesOf(10)]), noLimit)
    const composed = await blobs.compose([part])
    for (const { sha256 } of [part, composed]) {
      assert.equal(await blobs.remove(sha256, young), false)
      assert.equal(await blobs.size(sha256), 10)
    }
    assert.equal(await blobs.remove(composed.sha256, ageless), true)
    assert.equal(await blobs.size(composed.sha256), undefined)
    assert.equal(await blobs.size(part.sha256), 10)
    assert.equal(await blobs.remove(part.sha256, ageless), true)
    assert.equal(await blobs.remove(part.sha256, ageless), true)
    assert.deepEqual(await opened.kept(), [])
    assert.deepEqual(await blobs.put(source([bytesOf(10)]), noLimit), part)
  })

  says('scratch is a folder of its own until it is disposed', async ({ blobs }) => {
    const one = await blobs.scratch()
    const other = await blobs.scratch()
    assert.notEqual(one.path, other.path)
    await writeFile(join(one.path, 'file'), 'bytes')
    await one[Symbol.asyncDispose]()
    await assert.rejects(readFile(join(one.path, 'file')), { code: 'ENOENT' })
    await other[Symbol.asyncDispose]()
  })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function bytesOf(length: number, seed = 0): Buffer {
  const pattern = seededRandom(seed + 1).bytes(Math.min(length, 4093))
  const bytes = Buffer.alloc(length)
  if (length > 0) bytes.fill(pattern)
  return bytes
}

async function* source(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await Promise.resolve()
    yield part
  }
}
