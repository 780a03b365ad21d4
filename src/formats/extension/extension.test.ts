import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { inspectExtension, longText } from '../../../test/helpers/extension-rows.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import type { Inspection } from '../types.ts'
import { extension, extensionFormat } from './index.ts'

const inspect = (bytes: Uint8Array): Promise<Inspection> => extension.inspect(bytesReader(bytes))

test('a small sound extension has no finding at all, and its facts are told', async () => {
  const inspection = await inspectExtension({ version: '1.2.3.4' })
  assert.deepEqual(inspection.findings, [])
  assert.equal(inspection.sound, true)
  assert.equal(inspection.format, 'extension')
  assert.deepEqual(inspection.facts, {
    name: 'Slipway sample',
    shortName: null,
    version: '1.2.3.4',
    versionName: null,
    manifestVersion: 3,
    description: 'A small extension to be submitted.',
    defaultLocale: null,
    locales: [],
    permissions: ['storage'],
    hostPermissions: [],
    files: 5,
    unpackedBytes: inspection.facts.unpackedBytes,
    folder: '',
    minimumChromeVersion: null,
  })
  assert.ok(Number(inspection.facts.unpackedBytes) > 500)
})

test('one top folder around the extension is accepted and named', async () => {
  const inspection = await inspectExtension({ folder: 'my extension' })
  assert.deepEqual(inspection.findings, [])
  assert.equal(inspection.facts.folder, 'my extension')
  assert.equal(inspection.facts.files, 5)
})

test('names are resolved in the default locale, keys regardless of letter case', async () => {
  const inspection = await inspectExtension({
    manifest: {
      name: '__MSG_appName__',
      description: '__MSG_APPDESC__ (__MSG_@@ui_locale__)',
      short_name: 'x__MSG_appname__',
    },
    locales: { en: { appname: 'Sample', appDesc: 'Does things' }, fr: { appName: 'Exemple' } },
  })
  assert.deepEqual(inspection.findings, [])
  const { name, shortName, description, defaultLocale, locales } = inspection.facts
  assert.deepEqual(
    { name, shortName, description, defaultLocale, locales },
    {
      name: 'Sample',
      shortName: 'xSample',
      description: 'Does things ()',
      defaultLocale: 'en',
      locales: ['en', 'fr'],
    },
  )
})

test('a CRX file is refused with a word about what to upload', async () => {
  const inspection = await inspect(Buffer.from('Cr24\x03\0\0\0'))
  assert.deepEqual(
    inspection.findings.map(({ code }) => code),
    ['extension-crx'],
  )
  assert.equal(inspection.sound, false)
})

test('a package above the cap is refused without being read', async () => {
  const bytes = buildExtension()
  const small = extensionFormat({ packageBytes: bytes.length - 1 })
  const inspection = await small.inspect(bytesReader(bytes))
  assert.deepEqual(
    inspection.findings.map(({ code }) => code),
    ['extension-too-large'],
  )
  const large = extensionFormat({ packageBytes: bytes.length })
  assert.equal((await large.inspect(bytesReader(bytes))).sound, true)
  let reads = 0
  const huge = {
    size: 500 * 1024 ** 2 + 1,
    read: async () => {
      reads += 1
      return new Uint8Array(0)
    },
  }
  assert.equal((await extension.inspect(huge)).findings[0]?.code, 'extension-too-large')
  assert.equal(reads, 0)
})

test('an empty archive, an empty file and text are refused', async () => {
  const codes = async (bytes: Uint8Array) => (await inspect(bytes)).findings.map(({ code }) => code)
  assert.deepEqual(await codes(buildZip([])), ['extension-manifest-missing'])
  assert.deepEqual(await codes(new Uint8Array(0)), ['zip-not-a-zip'])
  assert.deepEqual(await codes(Buffer.from('hello, this is no archive')), ['zip-not-a-zip'])
})

test('one missing file that many keys refer to is said once', async () => {
  const script = { matches: ['<all_urls>'], js: ['gone.js', 'gone.js'] }
  const inspection = await inspectExtension({ manifest: { content_scripts: [script, script] } })
  assert.equal(inspection.findings.filter(({ code }) => code === 'extension-reference-missing').length, 1)
})

test('a thousand findings of one kind are told as twenty and a sum', async () => {
  const js = Array.from({ length: 1000 }, (_, index) => `gone-${index}.js`)
  const inspection = await inspectExtension({
    manifest: { content_scripts: [{ matches: ['<all_urls>'], js }] },
  })
  assert.equal(inspection.findings.length, 21)
  assert.equal(inspection.findings.at(-1)?.message, '980 more of the same kind.')
})

test('messages for a person have no control characters and no endless values', async () => {
  const inspection = await inspectExtension({ manifest: { version: `\u001b[31m${longText(10_000)}` } })
  const message = inspection.findings[0]?.message ?? ''
  assert.ok(message.includes('\\u001b[31m'))
  assert.ok(message.length < 600)
})

test('placeholders that multiply do not fill the memory', async () => {
  const content = longText(4000)
  const message = '$a$'.repeat(20_000)
  const inspection = await inspectExtension({
    manifest: { description: '__MSG_d__'.repeat(2000), default_locale: 'en' },
    files: {
      '_locales/en/messages.json': JSON.stringify({ d: { message, placeholders: { a: { content } } } }),
    },
  })
  assert.equal(String(inspection.facts.description).length, 4096)
  assert.ok(inspection.findings.some(({ code }) => code === 'extension-description-too-long'))
})
