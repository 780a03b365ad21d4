import { type ExtensionRow, longText, testExtensionRows } from '../../../test/helpers/extension-rows.ts'

const notJson = 'Manifest is not valid JSON.'
const unreadable = 'Manifest file is missing or unreadable'
const badVersion =
  "Required value 'version' is missing or invalid. It must be between 1-4 dot-separated integers each between 0 and 65536."

testExtensionRows([
  {
    title: 'a manifest that is no JSON',
    spec: { manifestText: '{ "name": }' },
    code: 'extension-manifest-invalid',
    text: notJson,
  },
  {
    title: 'a trailing comma',
    spec: { manifestText: '{ "name": "a", }' },
    code: 'extension-manifest-invalid',
    text: notJson,
  },
  {
    title: 'a manifest in UTF-16',
    spec: { manifestText: Buffer.from('\ufeff{}', 'utf16le') },
    code: 'extension-manifest-invalid',
    text: notJson,
  },
  {
    title: 'a manifest that is a list',
    spec: { manifestText: '[]' },
    code: 'extension-manifest-invalid',
    text: notJson,
  },
  {
    title: 'a manifest of two megabytes',
    spec: { manifestText: `{"a":"${longText(2_000_000)}"}` },
    code: 'extension-manifest-too-large',
    text: unreadable,
  },
  {
    title: 'comments in the manifest',
    spec: { manifestText: '// hello\n{"manifest_version":3,"name":"a//b","version":"1"/* "*/}' },
    code: 'extension-nonstandard-json',
    severity: 'warning',
    text: 'The file has comments',
  },
  {
    title: 'no manifest version',
    spec: { manifest: { manifest_version: undefined } },
    code: 'extension-manifest-version-missing',
    text: "Missing 'manifest_version' key. Its value must be an integer",
  },
  ...['3', 1, 4, 3.5, null].map(
    (manifest_version): ExtensionRow => ({
      title: `manifest version ${JSON.stringify(manifest_version)}`,
      spec: { manifest: { manifest_version } },
      code: 'extension-manifest-version-invalid',
      text: "Invalid value for 'manifest_version'. Must be an integer",
    }),
  ),
  {
    title: 'manifest version 2',
    spec: { manifest: { manifest_version: 2, action: undefined } },
    code: 'extension-manifest-v2',
    severity: 'warning',
    text: 'Manifest version 2 is deprecated',
  },
  ...[undefined, '', '  ', 7, null].map(
    (name): ExtensionRow => ({
      title: `the name ${JSON.stringify(name)}`,
      spec: { manifest: { name } },
      code: 'extension-name-missing',
      text: "Required value 'name' is missing or invalid.",
    }),
  ),
  {
    title: 'a name of 76 characters',
    spec: { name: longText(76) },
    code: 'extension-name-too-long',
    text: 'The name has 76 characters',
    target: 'manifest.json#/name',
  },
  {
    title: 'a name of 76 characters in another locale',
    spec: { manifest: { name: '__MSG_n__' }, locales: { en: { n: 'ok' }, de: { n: longText(76) } } },
    code: 'extension-name-too-long',
    text: "The name has 76 characters in locale 'de'",
    target: '_locales/de/messages.json',
  },
  {
    title: 'a name of 46 characters',
    spec: { name: longText(46) },
    code: 'extension-name-long',
    severity: 'warning',
    text: 'The name has 46 characters',
  },
  {
    title: 'no description',
    spec: { manifest: { description: undefined } },
    code: 'extension-description-missing',
    severity: 'warning',
    text: "There is no 'description'",
  },
  {
    title: 'a description of 133 characters',
    spec: { manifest: { description: longText(133) } },
    code: 'extension-description-too-long',
    text: "Invalid value for 'description'.",
    target: 'manifest.json#/description',
  },
  {
    title: 'a description of 133 characters in one locale, with its placeholders filled in',
    spec: {
      manifest: { description: '__MSG_d__' },
      locales: { en: { d: 'ok' } },
      files: {
        '_locales/de/messages.json': JSON.stringify({
          D: { message: `${longText(120)}$what$`, placeholders: { What: { content: longText(13) } } },
        }),
      },
    },
    code: 'extension-description-too-long',
    text: "Invalid value for 'description'.",
    target: '_locales/de/messages.json',
  },
  ...[
    'description',
    'short_name',
    'version_name',
    'minimum_chrome_version',
    'icons',
    'permissions',
    'action',
  ].map(
    (key): ExtensionRow => ({
      title: `a number for '${key}'`,
      spec: { manifest: { [key]: 7 } },
      code: 'extension-invalid-value',
      text: `Invalid value for '${key}'.`,
      target: `manifest.json#/${key}`,
    }),
  ),
  {
    title: 'a minimum browser version that is none',
    spec: { manifest: { minimum_chrome_version: 'latest' } },
    code: 'extension-invalid-value',
    text: "Invalid value for 'minimum_chrome_version'.",
  },
  ...[
    undefined,
    1,
    '',
    '1.2.3.4.5',
    '1.65536',
    '01.2',
    '1.02',
    '0',
    '0.0.0.0',
    '1.a',
    '1.',
    ' 1',
    '1.-2',
    '1e3',
  ].map(
    (version): ExtensionRow => ({
      title: `version ${JSON.stringify(version)}`,
      spec: { manifest: { version } },
      code: 'extension-version-invalid',
      text: badVersion,
      target: 'manifest.json#/version',
    }),
  ),
  {
    title: 'a key',
    spec: { manifest: { key: 'MIIB' } },
    code: 'extension-key',
    text: "The manifest shouldn't contain the key field.",
  },
  {
    title: 'an update URL',
    spec: { manifest: { update_url: 'https://clients2.google.com/service/update2/crx' } },
    code: 'extension-update-url',
    severity: 'warning',
    text: "The manifest has an 'update_url'",
  },
  {
    title: 'an update URL that is none',
    spec: { manifest: { update_url: 'soon' } },
    code: 'extension-update-url-invalid',
    text: "Invalid value for update url: '[soon]'.",
  },
  {
    title: 'an unknown key',
    spec: { manifest: { browser_style: true } },
    code: 'extension-unknown-key',
    severity: 'warning',
    text: 'Only the following properties are allowed in the object: ',
  },
  {
    title: 'an unknown key of a content script',
    spec: { manifest: { content_scripts: [{ matches: ['<all_urls>'], js: ['content.js'], wrld: 'MAIN' }] } },
    code: 'extension-unknown-key',
    severity: 'warning',
    text: 'Only the following properties are allowed in the object: ',
    target: 'manifest.json#/content_scripts/0',
  },
])
