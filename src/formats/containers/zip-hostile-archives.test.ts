import { buildZip, type ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { testZipRows } from '../../../test/helpers/zip-rows.ts'

const a: ZipSpec = { name: 'a.txt', content: 'aaaa' }
const b: ZipSpec = { name: 'b.txt', content: 'bbbb' }
const sound = buildZip([a, b])
const named = (name: string): ZipSpec => ({ name, content: 'x' })
const endRecord = Buffer.from('504b0506000000000000000000000000000000000000', 'hex')
const patched = (bytes: Uint8Array, at: number, value: readonly number[]): Uint8Array => {
  const copy = Buffer.from(bytes)
  copy.set(value, copy.length + at)
  return copy
}

testZipRows([
  { title: 'an empty file', bytes: Buffer.alloc(0), codes: ['zip-not-a-zip'] },
  { title: 'text', bytes: Buffer.from('no archive at all'), codes: ['zip-not-a-zip'] },
  { title: 'a gzip file', bytes: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), codes: ['zip-not-a-zip'] },
  { title: 'an archive cut off in the directory', bytes: sound.subarray(0, -30), codes: ['zip-truncated'] },
  { title: 'an archive cut off in the end record', bytes: sound.subarray(0, -1), codes: ['zip-truncated'] },
  {
    title: 'an archive cut off in its comment',
    bytes: buildZip([a], { comment: Buffer.from('hello') }).subarray(0, -1),
    codes: ['zip-truncated'],
  },
  {
    title: 'a comment length that leads out of the file',
    entries: [a],
    options: { end: { commentLength: 9 } },
    codes: ['zip-truncated'],
  },
  {
    title: 'bytes after the end',
    entries: [a],
    options: { suffix: Buffer.from('junk') },
    codes: ['zip-trailing-bytes'],
  },
  {
    title: 'an end record in the comment',
    entries: [a],
    options: { comment: endRecord },
    codes: ['zip-ambiguous-end', 'zip-bytes-after-directory'],
  },
  {
    title: 'a broken end record in the comment',
    entries: [a],
    options: { comment: Buffer.concat([endRecord, Buffer.of(9)]) },
    codes: ['zip-ambiguous-end'],
  },
  {
    title: 'an archive after an archive',
    bytes: Buffer.concat([sound, sound]),
    codes: ['zip-ambiguous-end'],
  },
  {
    title: 'bytes before the archive, offsets uncorrected',
    entries: [a],
    options: { prefix: Buffer.from('MZjunk'), prefixUncounted: true },
    codes: ['zip-leading-bytes'],
  },
  {
    title: 'bytes before the archive, offsets corrected',
    entries: [a],
    options: { prefix: Buffer.from('MZjunk') },
    codes: ['zip-leading-bytes'],
  },
  {
    title: 'bytes between entries',
    entries: [a, { ...b, before: Buffer.from('junk') }],
    codes: ['zip-unclaimed-bytes'],
  },
  {
    title: 'bytes before the directory',
    entries: [a],
    options: { beforeDirectory: Buffer.from('junk') },
    codes: ['zip-bytes-before-directory'],
  },
  {
    title: 'bytes after the directory',
    entries: [a],
    options: { afterDirectory: Buffer.from('junk') },
    codes: ['zip-bytes-after-directory'],
  },
  {
    title: 'an unlisted entry between others',
    entries: [a, { ...named('hidden'), unlisted: true }, b],
    codes: ['zip-unclaimed-bytes', 'zip-hidden-entry'],
  },
  {
    title: 'an unlisted entry at the start',
    entries: [{ ...named('hidden'), unlisted: true }, b],
    codes: ['zip-leading-bytes', 'zip-hidden-entry'],
  },
  {
    title: 'an unlisted entry at the end',
    entries: [a, { ...named('hidden'), unlisted: true }],
    codes: ['zip-bytes-before-directory', 'zip-hidden-entry'],
  },

  { title: 'a disk number', entries: [a], options: { end: { disk: 1 } }, codes: ['zip-multi-disk'] },
  {
    title: 'fewer entries on this disk',
    entries: [a, b],
    options: { end: { entriesOnDisk: 1 } },
    codes: ['zip-multi-disk'],
  },
  { title: 'an entry on another disk', entries: [{ ...a, central: { disk: 3 } }], codes: ['zip-multi-disk'] },
  {
    title: 'too small a count',
    entries: [a, b],
    options: { end: { entries: 1 } },
    codes: ['zip-entry-count'],
  },
  { title: 'too large a count', entries: [a], options: { end: { entries: 2 } }, codes: ['zip-entry-count'] },
  {
    title: 'more entries than allowed, declared',
    entries: [a, b],
    limits: { entries: 1 },
    codes: ['zip-too-many-entries'],
  },
  {
    title: 'more entries than allowed, undeclared',
    entries: [a, b],
    options: { end: { entries: 1 } },
    limits: { entries: 1 },
    codes: ['zip-too-many-entries'],
  },
  {
    title: 'a directory that is too small',
    entries: [a, b],
    options: { end: { directorySize: 20 } },
    codes: ['zip-bad-directory'],
  },
  {
    title: 'a directory that leads out of the file',
    entries: [a],
    options: { end: { directorySize: 0x7fffffff } },
    codes: ['zip-bad-directory'],
  },
  {
    title: 'a directory offset that leads out of the file',
    entries: [a],
    options: { end: { directoryOffset: 0x7fffffff } },
    codes: ['zip-bad-directory'],
  },
  {
    title: 'ZIP64 numbers without a ZIP64 record',
    entries: [a],
    options: { end: { directoryOffset: 0xffffffff } },
    codes: ['zip-zip64-lie'],
  },
  {
    title: 'a ZIP64 end record that contradicts',
    entries: [a],
    options: { zip64: true, end: { entries: 7 } },
    codes: ['zip-zip64-lie'],
  },
  {
    title: 'a ZIP64 directory beyond all files',
    entries: [a],
    options: { zip64: true, end: { directoryOffset64: 2 ** 52, directorySize64: 2 ** 52 } },
    codes: ['zip-zip64', 'zip-bad-directory'],
  },
  {
    title: 'a ZIP64 count beyond all limits',
    entries: [a],
    options: { zip64: true, end: { entries64: 2 ** 40 } },
    codes: ['zip-zip64', 'zip-too-many-entries'],
  },
  {
    title: 'a ZIP64 locator with a wrong offset',
    bytes: patched(buildZip([a], { zip64: true }), -22 - 12, [0xff, 0xff]),
    codes: ['zip-zip64', 'zip-zip64-lie'],
  },
  {
    title: 'an entry that refers to ZIP64 sizes it has not',
    entries: [{ ...a, central: { uncompressedSize: 0xffffffff } }],
    codes: ['zip-zip64-lie', 'zip-local-mismatch', 'zip-ratio'],
  },
  {
    title: 'ZIP64 sizes that contradict the ordinary ones',
    entries: [{ ...a, extra: Buffer.from('01001000ff00000000000000ff00000000000000', 'hex') }],
    codes: ['zip-zip64-lie'],
  },
  {
    title: 'an extra field that does not add up',
    entries: [{ ...a, extra: Buffer.from('0a00ff0001', 'hex') }],
    codes: ['zip-bad-extra-field'],
  },
])
