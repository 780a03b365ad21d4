import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgeClient, rows, startEdge } from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'

/** Texts that Edge's own validator is known to say, which the operation's errors begin with. */
const texts: { readonly [text: string]: Uint8Array } = {
  "The manifest shouldn't contain the key field.": buildExtension({ manifest: { key: 'MIIB' } }),
  "Manifest file reference 'gone.html' does not exist in the zip archive. (Note: File locations are case-sensitive)":
    buildExtension({ manifest: { options_page: 'gone.html' } }),
  'The uploaded package consists of a compressed file.': buildExtension({ files: { 'data.gz': 'x' } }),
  'Invalid file name in archive: icons\\128.png': buildExtension({
    entries: [{ name: 'icons\\128.png', content: 'x' }],
  }),
  'Manifest file is missing or unreadable': buildZip({ 'readme.txt': 'no manifest' }),
  'Manifest is not valid JSON.': buildExtension({ manifestText: '{"name":' }),
  "Required value 'version' is missing or invalid.": buildExtension({ version: '1.2.3.4.5' }),
}

test('an upload says what is wrong in the words of the validator, without its prefix', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  for (const [text, bytes] of Object.entries(texts)) {
    const operation = await edge.upload(bytes)
    assert.equal(operation.status, 'Failed', text)
    assert.equal(operation.errorCode, 'PackageValidationError')
    assert.ok(
      operation.errors?.some(({ message }) => message.startsWith(text)),
      `${text} is not among ${JSON.stringify(operation.errors)}`,
    )
  }
})

test('a body that is no archive at all is 202 and fails with PackageValidationError', async () => {
  await using server = await startEdge()
  for (const body of ['x', 'PK', 'not a zip', 'Cr24 an installed extension', '\0'.repeat(5000)]) {
    const operation = await edgeClient(server).upload(Buffer.from(body))
    assert.equal(operation.errorCode, 'PackageValidationError')
    assert.ok((operation.errors?.length ?? 0) > 0)
  }
  assert.deepEqual(await rows(server), ['InTheStore -'])
})

test('one top folder around the manifest is fine, files beside it are not [6-42]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  assert.equal((await edge.upload(buildExtension({ version: '3.0', folder: 'build' }))).status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 3.0'])
  const entries = [{ name: '__MACOSX/._manifest.json', content: 'x' }]
  const operation = await edge.upload(buildExtension({ version: '3.1', folder: 'build', entries }))
  assert.equal(operation.errorCode, 'PackageValidationError')
  const text =
    'Files or directories outside directory that contains manifest.json build are not allowed: __MACOSX'
  assert.ok(
    operation.errors?.some(({ message }) => message.startsWith(text)),
    JSON.stringify(operation.errors),
  )
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 3.0'])
})

test('warnings alone do not fail an upload, and its errors stay null', async () => {
  await using server = await startEdge()
  const operation = await edgeClient(server).upload(buildExtension({ manifest: { unheard_of: true } }))
  assert.equal(operation.status, 'Succeeded')
  assert.equal(operation.errors, null)
})
