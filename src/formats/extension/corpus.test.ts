import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { buildExtension, buildPng, type ExtensionSpec } from '../../../test/helpers/extension-builder.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { extension } from './index.ts'

const page = '<!doctype html><title>x</title>'
const png = buildPng(16)
const v2 = { manifest_version: 2, action: undefined, background: undefined }
const all = ['<all_urls>']

/** Extensions shaped like those that stores have published for years; not one may be refused. */
const corpus: Readonly<Record<string, ExtensionSpec>> = {
  'the default': {},
  'a top folder with a blank and an umlaut': { folder: 'Meine Erweiterung für Edge' },
  'a top folder, with a folder entry': {
    folder: 'dist',
    entries: [{ name: 'dist/' }, { name: 'dist/icons/' }],
  },
  'names written with "./", as bsdtar does': { folder: '.' },
  'data descriptors, as streaming packers write': {
    entries: [{ name: 'a.txt', content: 'a', descriptor: 'signed' }],
  },
  'ZIP64, as some packers always write': { zip: { zip64: true } },
  'an archive comment': { zip: { comment: Buffer.from('packed by hand') } },
  'UTF-8 file names': { files: { 'sounds/größe.mp3': 'x', '说明.txt': 'x' } },
  'a UTF-8 name without the flag, as macOS writes': {
    manifest: { options_page: 'größe.html' },
    entries: [{ name: 'größe.html', rawName: Buffer.from('größe.html'), content: page }],
  },
  'a byte order mark': {
    manifestText: '\ufeff{"manifest_version":3,"name":"x","version":"1","description":"d"}',
  },
  'comments in the manifest': { manifestText: '{"manifest_version":3,/* x */"name":"x",//\n"version":"1"}' },
  'nothing but the required keys': { manifestText: '{"manifest_version":3,"name":"x","version":"1"}' },
  'empty lists and objects': {
    manifest: {
      permissions: [],
      host_permissions: [],
      web_accessible_resources: [],
      commands: {},
      action: {},
    },
  },
  'a name with a URL and a pipe': {
    name: 'Reader | https://example.com/app.html',
    manifest: { short_name: 'a.b/c' },
  },
  'a name of 45 characters with emoji': { name: `${'x'.repeat(44)}😀` },
  'a name of 70 characters': { name: 'x'.repeat(70) },
  'a description of 132 characters': { manifest: { description: 'é'.repeat(132) } },
  'a calendar version': { version: '2026.12.31.1' },
  'a version name': { version: '5.1.1', manifest: { version_name: '5.1.1 beta 2 (build #77)' } },
  'dotted permissions': {
    manifest: {
      permissions: ['identity', 'identity.email', 'system.cpu', 'system.memory', 'downloads.open'],
    },
  },
  'permissions that only other browsers know': {
    manifest: { permissions: ['menus', 'theme', 'dns', '<all_urls>'] },
  },
  'optional permissions': {
    manifest: { optional_permissions: ['tabs'], optional_host_permissions: ['*://*/*', 'http://*/*'] },
  },
  'keys for other browsers': {
    manifest: {
      browser_specific_settings: { gecko: { id: 'a@b.c' } },
      applications: { gecko: {} },
      developer: { name: 'x' },
      sidebar_action: { default_panel: 'sidebar-of-firefox.html' },
    },
  },
  'author as an object, homepage, minimum version': {
    manifest: {
      author: { email: 'a@b.c' },
      homepage_url: 'https://b.c/d.html',
      minimum_chrome_version: '120',
    },
  },
  'version 2 with scripts and a browser action': {
    manifest: {
      ...v2,
      background: { scripts: ['background.js'], persistent: false },
      browser_action: {
        default_icon: { 19: 'i.png', 38: 'i.png' },
        default_popup: 'popup.html',
        default_title: 'x',
      },
      permissions: ['tabs', 'http://*/*', 'https://*/*', 'file:///*', { fileSystem: ['write'] }],
      web_accessible_resources: ['content.js', 'img/*.png', 'fonts/*'],
      content_security_policy: "script-src 'self' 'unsafe-eval'; object-src 'self'",
    },
    files: { 'i.png': png },
  },
  'version 2 with a background page and a page action': {
    manifest: { ...v2, background: { page: 'bg.html' }, page_action: { default_icon: 'i.png' } },
    files: { 'bg.html': page, 'i.png': png },
  },
  'version 2 with a whole folder accessible': {
    manifest: { ...v2, web_accessible_resources: ['img', 'img/', '/img/a.png', 'img/*', '*'] },
    files: { 'img/a.png': png },
  },
  'version 3 for two browsers: a worker and scripts': {
    manifest: {
      background: { service_worker: 'background.js', scripts: ['only-in-firefox.js'], type: 'module' },
    },
  },
  'version 3 with a leftover browser action': {
    manifest: { browser_action: { default_popup: 'popup.html' } },
  },
  'accessible resources with globs': {
    manifest: {
      web_accessible_resources: [
        { resources: ['assets/*', '*.woff2', 'icons/*.png', 'content.js'], matches: all },
        { resources: ['icons'], extension_ids: ['*'] },
        { resources: ['content.js'], matches: ['https://*.example.com/*'], use_dynamic_url: true },
      ],
    },
  },
  'leading slashes everywhere': {
    manifest: {
      icons: { 128: '/icons/128.png' },
      action: { default_popup: '/popup.html', default_icon: { 128: '/icons/128.png' } },
      background: { service_worker: '/background.js' },
      options_page: '/popup.html',
      content_scripts: [{ matches: all, js: ['/content.js'] }],
      web_accessible_resources: [{ matches: all, resources: ['/content.js', '/icons/*'] }],
    },
  },
  'paths that begin with "./"': {
    manifest: { options_page: './popup.html', icons: { 128: './icons/../icons/128.png' } },
  },
  'pages with queries and fragments': {
    manifest: {
      action: { default_popup: 'popup.html?where=action#top' },
      options_ui: { page: 'popup.html#/options', open_in_tab: true },
      chrome_url_overrides: { newtab: 'popup.html?a' },
    },
  },
  'a page with a percent-encoded name': {
    manifest: { options_page: 'my%20page.html' },
    files: { 'my page.html': page },
  },
  'a popup that is switched on later': { manifest: { action: { default_popup: '' } } },
  devtools: {
    manifest: { devtools_page: 'devtools/index.html' },
    files: { 'devtools/index.html': page },
  },
  'a theme': {
    manifest: {
      background: undefined,
      action: undefined,
      content_scripts: undefined,
      permissions: undefined,
      icons: undefined,
      theme: {
        colors: { frame: [18, 18, 20], tab_text: '#fff', ntp_link: [1, 2, 3, 0.5] },
        images: { theme_frame: 'images/frame.png', theme_toolbar: { 100: 'images/frame.png' } },
        properties: { ntp_background_alignment: 'bottom' },
        tints: { buttons: [0.5, 0.5, 0.5] },
      },
    },
    files: { 'images/frame.png': buildPng(300, 60) },
  },
  'a side panel': {
    manifest: { permissions: ['sidePanel'], side_panel: { default_path: 'panel/index.html' } },
    files: { 'panel/index.html': page },
  },
  'sandboxed pages, some by pattern': {
    manifest: { sandbox: { pages: ['popup.html', 'frames/*.html'] } },
  },
  'rule sets': {
    manifest: {
      permissions: ['declarativeNetRequest', 'declarativeNetRequestFeedback'],
      declarative_net_request: { rule_resources: [{ id: 'r1', enabled: true, path: 'rules/r1.json' }] },
    },
    files: {
      'rules/r1.json': '[{"id":1,"priority":1,"action":{"type":"block"},"condition":{"urlFilter":"a"}}]',
    },
  },
  'managed storage': {
    manifest: { storage: { managed_schema: 'schema.json' } },
    files: { 'schema.json': '{"type":"object"}' },
  },
  'content scripts of every kind': {
    manifest: {
      content_scripts: [
        { matches: ['*://*/*'], js: ['content.js'], css: [], run_at: 'document_start', all_frames: true },
        { matches: ['file://*', 'http://localhost:8080/*'], css: ['a.css'], match_about_blank: true },
        {
          matches: all,
          js: ['content.js'],
          world: 'MAIN',
          exclude_matches: ['https://a.b/*'],
          include_globs: ['*'],
        },
      ],
    },
    files: { 'a.css': '' },
  },
  'locales with regions, scripts and numbers': {
    manifest: { name: '__MSG_appName__', description: '__MSG_appDesc__', default_locale: 'en_GB' },
    locales: Object.fromEntries(
      ['en_GB', 'pt_BR', 'es_419', 'zh_CN', 'sr_Latn', 'fil', 'zh_Hant_TW'].map((locale) => [
        locale,
        { appName: 'Name', APPDESC: 'Does things' },
      ]),
    ),
  },
  'locales with folders that are none': {
    manifest: { name: '__MSG_n__' },
    locales: { en: { n: 'x' }, zh_cn: { n: 'x' }, README: {}, '.svn': {} },
  },
  'a locale that only some messages are translated to': {
    manifest: { name: '__MSG_n__', description: '__MSG_d__' },
    locales: { en: { n: 'x', d: 'y' }, fr: {}, de: { n: 'z' } },
  },
  'messages with comments, placeholders and odd escapes': {
    manifest: { name: '__MSG_n__', default_locale: 'en' },
    files: {
      '_locales/en/messages.json':
        '{ // the name\n"n": {"message": "A $1 $x$", "placeholders": {"X": {"content": "\\x41", "example": "A"}}}}',
    },
  },
  'translated titles and commands': {
    manifest: {
      action: { default_title: '__MSG_n__' },
      commands: {
        _execute_action: { suggested_key: { default: 'Ctrl+Shift+Y' } },
        x: { description: '__MSG_n__' },
      },
      omnibox: { keyword: 'x' },
    },
    locales: { en: { n: 'x' } },
  },
  'JPEG, GIF, ICO and BMP icons': {
    manifest: { icons: { 16: 'a.gif', 32: 'b.ico', 128: 'icons/128.png' } },
    files: {
      'a.gif': 'GIF89a\x10\x00\x10\x00\x00\x00\x00;',
      'b.ico': Buffer.from('0000010001002020000001002000000000001600000000000000', 'hex'),
    },
  },
  'one large icon for every size': {
    manifest: { icons: { 16: 'l.png', 48: 'l.png', 128: 'l.png' } },
    files: { 'l.png': buildPng(256) },
  },
  'an SVG for the action only': {
    manifest: { action: { default_icon: 'a.svg' } },
    files: { 'a.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' },
  },
  'source maps, licences and dot files': {
    files: { 'background.js.map': '{}', LICENSE: 'MIT', '.gitkeep': '', 'img/.DS_Store': 'Bud1' },
  },
  'WebAssembly, fonts and models': {
    files: { 'm.wasm': '\0asm\x01\0\0\0', 'f.woff2': 'wOF2', 'ocr/eng.traineddata': 'x', 'm.br': 'x' },
  },
  'metadata that a store put in': { files: { '_metadata/verified_contents.json': '[]' } },
  'a module of another extension': {
    manifest: {
      import: [{ id: 'a'.repeat(32) }],
      content_scripts: [{ matches: all, js: ['_modules/x/y.js'] }],
    },
  },
  'stored entries': { entries: [{ name: 'raw.txt', content: 'raw', method: 'stored' }] },
}

test(`the corpus has forty extensions and more`, () => {
  assert.ok(Object.keys(corpus).length >= 40)
})

for (const [title, spec] of Object.entries(corpus)) {
  test(`sound: ${title}`, async () => {
    const inspection = await extension.inspect(bytesReader(buildExtension(spec)))
    const errors = inspection.findings.filter(({ severity }) => severity === 'error')
    assert.deepEqual(errors, [])
    assert.equal(inspection.sound, true)
    assert.equal(typeof inspection.facts.name, 'string')
    assert.equal(typeof inspection.facts.version, 'string')
  })
}

const published = new URL('../../../node_modules/@duckduckgo/autoconsent/dist/', import.meta.url)

for (const build of ['addon-mv3', 'addon-firefox']) {
  test(`sound: the published extension ${build} of @duckduckgo/autoconsent`, async (t) => {
    const folder = new URL(`${build}/`, published)
    if (!existsSync(folder)) return t.skip(`${folder.pathname} not found: a real extension was not checked`)
    const files: Record<string, Uint8Array> = {}
    for (const each of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!each.isFile()) continue
      const path = `${each.parentPath}/${each.name}`
      files[path.slice(folder.pathname.length).replace(/^\//, '')] = readFileSync(path)
    }
    const inspection = await extension.inspect(bytesReader(buildZip(files)))
    assert.deepEqual(
      inspection.findings.filter(({ severity }) => severity === 'error'),
      [],
    )
    assert.equal(inspection.facts.name, 'Autoconsent')
    assert.equal(inspection.facts.files, Object.keys(files).length)
  })
}
