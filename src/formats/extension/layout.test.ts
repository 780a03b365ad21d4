import { buildPng } from '../../../test/helpers/extension-builder.ts'
import { testExtensionRows } from '../../../test/helpers/extension-rows.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'

const unreadable = 'Manifest file is missing or unreadable'

testExtensionRows([
  {
    title: 'no manifest',
    spec: { files: { 'manifest.json': undefined } },
    code: 'extension-manifest-missing',
    text: unreadable,
  },
  {
    title: 'a manifest two folders deep',
    spec: { folder: 'a/b' },
    code: 'extension-manifest-missing',
    text: unreadable,
  },
  {
    title: 'a manifest with another letter case',
    spec: { files: { 'manifest.json': undefined, 'Manifest.json': '{}' } },
    code: 'extension-manifest-missing',
    text: `${unreadable}. Rename 'Manifest.json'`,
  },
  {
    title: 'files beside the folder that has the manifest',
    spec: { folder: 'dist', entries: [{ name: '__MACOSX/._x' }, { name: 'README.md' }] },
    code: 'extension-outside-files',
    text: 'Files or directories outside directory that contains manifest.json dist are not allowed: __MACOSX, README.md',
    target: '__MACOSX',
  },
  {
    title: 'an empty folder beside the folder that has the manifest',
    spec: { folder: 'dist', entries: [{ name: 'other/' }] },
    code: 'extension-outside-files',
    text: 'Files or directories outside directory that contains manifest.json dist are not allowed: other',
  },
  {
    title: 'a second extension beside the first',
    spec: { folder: 'a', entries: [{ name: 'b/manifest.json', content: '{}' }] },
    code: 'extension-outside-files',
    text: 'Files or directories outside directory that contains manifest.json a are not allowed: b',
  },
  {
    title: 'backslashes in names',
    spec: { entries: [{ name: 'icons\\icon128.png', content: buildPng(128) }] },
    code: 'extension-backslash',
    text: 'Invalid file name in archive: icons\\icon128.png',
  },
  {
    title: 'a reserved folder name',
    spec: { files: { '_next/a.js': '' } },
    code: 'extension-reserved-name',
    severity: 'warning',
    text: 'Cannot load extension with file or directory name _next.',
  },
  {
    title: 'a gzip file inside',
    spec: { files: { 'dict/base.dat.gz': Buffer.from([0x1f, 0x8b, 8, 0]) } },
    code: 'extension-nested-archive',
    text: 'The uploaded package consists of a compressed file.',
    target: 'dict/base.dat.gz',
  },
  {
    title: 'an archive inside under another name',
    spec: { files: { 'data.bin': Buffer.from(buildZip({ a: 'b' })) } },
    code: 'extension-disguised-archive',
    severity: 'warning',
    text: 'The uploaded package consists of a compressed file.',
    target: 'data.bin',
  },
])
