import { crc32, deflateRawSync } from 'node:zlib'
import type { ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { testZipRows } from '../../../test/helpers/zip-rows.ts'

const a: ZipSpec = { name: 'a.txt', content: 'aaaa' }
const b: ZipSpec = { name: 'b.txt', content: 'bbbb' }
const named = (name: string): ZipSpec => ({ name, content: 'x' })

/** An Info-ZIP Unicode path field for an entry of the name `of`. */
function unicodePath(of: string, name: string): Uint8Array {
  const path = Buffer.from(name)
  const field = Buffer.alloc(9 + path.length)
  field.writeUInt16LE(0x7075, 0)
  field.writeUInt16LE(5 + path.length, 2)
  field[4] = 1
  field.writeUInt32LE(crc32(of), 5)
  field.set(path, 9)
  return field
}

testZipRows([
  { title: 'an empty name', entries: [named('')], codes: ['zip-empty-name'] },
  {
    title: 'a name of two thousand characters',
    entries: [named('a/'.repeat(1000))],
    codes: ['zip-name-too-long', 'zip-folder-with-data'],
  },
  { title: 'an absolute path', entries: [named('/etc/passwd')], codes: ['zip-absolute-path'] },
  {
    title: 'a UNC path',
    entries: [named('\\\\host\\share')],
    codes: ['zip-absolute-path', 'zip-backslash', 'zip-unnormalised-path'],
  },
  { title: 'a drive letter', entries: [named('C:/a')], codes: ['zip-drive-letter'] },
  { title: 'a drive letter without a slash', entries: [named('c:a')], codes: ['zip-drive-letter'] },
  { title: 'a parent path', entries: [named('a/../../b')], codes: ['zip-parent-path'] },
  {
    title: 'a parent path with backslashes',
    entries: [named('..\\b')],
    codes: ['zip-parent-path', 'zip-backslash'],
  },
  { title: 'dots that are a name', entries: [named('...'), named('a..b/..c')], codes: [] },
  { title: 'a backslash', entries: [named('a\\b')], codes: ['zip-backslash'] },
  { title: 'a NUL', entries: [named('a\0.txt')], codes: ['zip-control-character'] },
  { title: 'a line feed', entries: [named('a\n')], codes: ['zip-control-character'] },
  { title: 'an empty part', entries: [named('a//b')], codes: ['zip-unnormalised-path'] },
  { title: 'a dot part', entries: [named('./b')], codes: ['zip-unnormalised-path'] },
  { title: 'the same name twice', entries: [a, a], codes: ['zip-duplicate-name'] },
  {
    title: 'the same path twice, written differently',
    entries: [named('a/b'), named('a/./b')],
    codes: ['zip-unnormalised-path', 'zip-duplicate-name'],
  },
  {
    title: 'the same path with a backslash',
    entries: [named('a/b'), named('a\\b')],
    codes: ['zip-backslash', 'zip-duplicate-name'],
  },
  {
    title: 'names that differ in letter case',
    entries: [named('A'), named('a')],
    codes: ['zip-case-collision'],
  },
  {
    title: 'names that differ in Unicode form',
    entries: [named('\u00e9'), named('e\u0301')],
    codes: ['zip-case-collision'],
  },
  {
    title: 'a file that is a folder too',
    entries: [named('a'), named('a-'), named('a/b')],
    codes: ['zip-file-as-folder'],
  },
  {
    title: 'a file and a folder of one name',
    entries: [named('a'), { name: 'a/' }],
    codes: ['zip-duplicate-name'],
  },
  {
    title: 'a name that is not the UTF-8 it is marked as',
    entries: [{ ...a, rawName: Buffer.of(0xff, 0xfe), flags: 1 << 11 }],
    codes: ['zip-name-encoding'],
  },
  {
    title: 'a Unicode path field that renames an ASCII name',
    entries: [{ ...a, extra: unicodePath('a.txt', 'b.exe') }],
    codes: ['zip-name-ambiguous'],
  },
  {
    title: 'a Unicode path field of another name',
    entries: [{ ...a, extra: unicodePath('other.txt', 'b.exe') }],
    codes: [],
  },

  {
    title: 'a symbolic link',
    entries: [{ name: 'l', content: '/etc/passwd', unixMode: 0o120777 }],
    codes: ['zip-symlink'],
  },
  { title: 'a device', entries: [{ name: 'l', unixMode: 0o020666 }], codes: ['zip-special-file'] },
  {
    title: 'a pipe from another host system',
    entries: [{ name: 'l', unixMode: 0o010666, versionMadeBy: 20 }],
    codes: ['zip-special-file'],
  },
  {
    title: 'a folder by attribute only',
    entries: [{ name: 'd', unixMode: 0o040755 }],
    codes: ['zip-folder-mismatch'],
  },
  {
    title: 'a folder by name only',
    entries: [{ name: 'd/', unixMode: 0o100644 }],
    codes: ['zip-folder-mismatch'],
  },
  { title: 'a folder with content', entries: [named('d/')], codes: ['zip-folder-with-data'] },
  { title: 'an encrypted entry', entries: [{ ...a, flags: 1 }], codes: ['zip-encrypted'] },
  { title: 'a strongly encrypted entry', entries: [{ ...a, flags: 1 << 6 }], codes: ['zip-encrypted'] },
  { title: 'an entry with masked headers', entries: [{ ...a, flags: 1 << 13 }], codes: ['zip-encrypted'] },
  { title: 'patch data', entries: [{ ...a, flags: 1 << 5 }], codes: ['zip-unsupported-flags'] },
  {
    title: 'a method nobody knows',
    entries: [{ ...a, central: { method: 21 }, local: { method: 21 } }],
    codes: ['zip-unsupported-method'],
  },

  {
    title: 'an entry beyond the directory',
    entries: [{ ...a, central: { headerOffset: 40 } }, b],
    codes: ['zip-local-header-missing', 'zip-leading-bytes', 'zip-hidden-entry'],
  },
  {
    title: 'an offset out of the file',
    entries: [{ ...a, central: { headerOffset: 0x7fffffff } }],
    codes: ['zip-out-of-bounds'],
  },
  {
    title: 'a ZIP64 offset beyond all files',
    entries: [{ ...a, zip64: true, central: { headerOffset: 2 ** 52 } }],
    codes: ['zip-out-of-bounds'],
  },
  {
    title: 'data that reaches into the directory',
    entries: [{ ...a, central: { compressedSize: 5000 }, local: { compressedSize: 5000 } }],
    codes: ['zip-out-of-bounds'],
  },
  {
    title: 'two entries of the same bytes',
    entries: [a, { name: 'b.txt', sharesBytesOf: 0 }],
    codes: ['zip-duplicate-name', 'zip-overlap'],
  },
  {
    title: 'an entry that reaches into the next',
    entries: [{ ...a, central: { compressedSize: 30 }, local: { compressedSize: 30 } }, b],
    codes: ['zip-overlap'],
  },
  {
    title: 'another name in the local header',
    entries: [{ ...a, localName: 'x.txt' }],
    codes: ['zip-local-mismatch'],
  },
  {
    title: 'another method in the local header',
    entries: [{ ...a, local: { method: 0 } }],
    codes: ['zip-local-mismatch'],
  },
  {
    title: 'another size in the local header',
    entries: [{ ...a, local: { uncompressedSize: 5 } }],
    codes: ['zip-local-mismatch'],
  },
  {
    title: 'another checksum in the local header',
    entries: [{ ...a, local: { crc32: 5 } }],
    codes: ['zip-local-mismatch'],
  },
  {
    title: 'encrypted in the local header only',
    entries: [{ ...a, local: { flags: 1 } }],
    codes: ['zip-local-mismatch'],
  },
  {
    title: 'other flags in the local header',
    entries: [{ ...a, local: { flags: 1 << 11 } }],
    codes: ['zip-local-flags-differ'],
  },
  {
    title: 'a data descriptor that lies',
    entries: [{ ...a, descriptor: 'signed', descriptorLie: { crc32: 1 } }],
    codes: ['zip-descriptor-mismatch', 'zip-bytes-before-directory'],
  },
  {
    title: 'a data descriptor that is announced only',
    entries: [{ ...a, flags: 1 << 3 }],
    codes: ['zip-descriptor-missing'],
  },

  {
    title: 'a stored entry with two sizes',
    entries: [{ ...a, method: 'stored', central: { uncompressedSize: 5 } }],
    codes: ['zip-size-mismatch', 'zip-local-mismatch'],
  },
  {
    title: 'less content than declared',
    entries: [{ ...a, central: { uncompressedSize: 5 }, local: { uncompressedSize: 5 } }],
    codes: ['zip-size-mismatch'],
  },
  {
    title: 'more content than declared',
    entries: [{ ...a, central: { uncompressedSize: 3 }, local: { uncompressedSize: 3 } }],
    codes: ['zip-size-mismatch'],
  },
  {
    title: 'a bomb that says it is empty',
    entries: [{ name: 'b', data: deflateRawSync(Buffer.alloc(10_000_000)), method: 'deflate' }],
    codes: ['zip-size-mismatch'],
  },
  {
    title: 'a bomb that says so',
    entries: [
      {
        name: 'b',
        data: deflateRawSync(Buffer.alloc(2_000_000)),
        central: { uncompressedSize: 0xf0000000 },
        local: { uncompressedSize: 0xf0000000 },
        method: 'deflate',
      },
    ],
    codes: ['zip-ratio'],
  },
  {
    title: 'more bytes than allowed',
    entries: [a, b],
    limits: { unpackedBytes: 7 },
    codes: ['zip-too-large'],
  },
  {
    title: 'a wrong checksum',
    entries: [{ ...a, central: { crc32: 1 }, local: { crc32: 1 } }],
    codes: ['zip-crc-mismatch'],
  },
  {
    title: 'a wrong checksum of a stored file',
    entries: [{ ...a, method: 'stored', central: { crc32: 1 }, local: { crc32: 1 } }],
    codes: ['zip-crc-mismatch'],
  },
  {
    title: 'damaged compressed data',
    entries: [{ ...a, data: Buffer.from('hello') }],
    codes: ['zip-bad-data'],
  },
  {
    title: 'compressed data that goes on',
    entries: [{ ...a, data: Buffer.concat([deflateRawSync(Buffer.from('aaaa')), Buffer.from('tail')]) }],
    codes: ['zip-bad-data'],
  },
  {
    title: 'compressed data that stops',
    entries: [{ ...a, data: deflateRawSync(Buffer.from('aaaa')).subarray(0, -1) }],
    codes: ['zip-bad-data'],
  },
])
