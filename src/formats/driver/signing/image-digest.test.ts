import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { digestOf } from './image-digest.ts'

const pe = 128
const optional = pe + 24

/** The head of a PE image with a body and, behind it, a certificate table. */
function image({ plus, certificates = 0 }: { plus: boolean; certificates?: number }): Buffer {
  const bytes = Buffer.alloc(3_000_000 + certificates, 7)
  bytes.fill(0, 0, 1024)
  bytes.write('MZ', 0, 'latin1')
  bytes.writeUInt32LE(pe, 60)
  bytes.write('PE\0\0', pe, 'latin1')
  bytes.writeUInt16LE(plus ? 0x20b : 0x10b, optional)
  if (certificates > 0) {
    bytes.writeUInt32LE(3_000_000, optional + (plus ? 144 : 128))
    bytes.writeUInt32LE(certificates, optional + (plus ? 144 : 128) + 4)
  }
  return bytes
}

const digest = (bytes: Buffer) => digestOf((at, length) => bytes.subarray(at, at + length), bytes.length)
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

for (const plus of [false, true]) {
  test(`the digest of a ${plus ? '64' : '32'}-bit image leaves out its checksum and its certificates`, () => {
    const signed = image({ plus, certificates: 512 })
    const entry = optional + (plus ? 144 : 128)
    const expected = sha256(
      signed.subarray(0, optional + 64),
      signed.subarray(optional + 68, entry),
      signed.subarray(entry + 8, 3_000_000),
    )
    assert.deepEqual(digest(signed), { digest: expected, isImage: true })
    signed.writeUInt32LE(0xabcd, optional + 64)
    signed.fill(9, 3_000_000)
    assert.deepEqual(digest(signed).digest, expected)
    assert.deepEqual(digest(image({ plus })).digest, expected)
    signed[2_000_000] = 8
    assert.notDeepEqual(digest(signed).digest, expected)
  })
}

test('what is no image, or lies about its tables, is hashed as it is', () => {
  const lying = image({ plus: true, certificates: 512 })
  lying.writeUInt32LE(0xffff_fff0, optional + 144)
  const far = image({ plus: true })
  far.writeUInt32LE(0xffff_ffff, 60)
  for (const bytes of [Buffer.alloc(0), Buffer.from('MZ'), Buffer.from('[Version]\r\n'), lying, far]) {
    assert.deepEqual(digest(bytes), { digest: sha256(bytes), isImage: false })
  }
})
