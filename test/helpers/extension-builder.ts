import { crc32, deflateSync } from 'node:zlib'
import { buildZip, type ZipOptions, type ZipSpec } from './zip-builder.ts'

export interface ExtensionSpec {
  /** `1.0.0` by default. */
  readonly version?: string
  /** `Slipway sample` by default. */
  readonly name?: string
  /** Keys laid over the default manifest; `undefined` removes one. */
  readonly manifest?: Readonly<Record<string, unknown>>
  /** Files laid over the default ones; `undefined` removes one. */
  readonly files?: Readonly<Record<string, string | Uint8Array | undefined>>
  /** Messages by locale: `{ en: { appName: 'Sample' } }` becomes `_locales/en/messages.json`. */
  readonly locales?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Puts everything into one top folder of this name. */
  readonly folder?: string
  /** Replaces manifest.json, whatever `manifest` says. */
  readonly manifestText?: string | Uint8Array
  /** Entries added as they are, such as hostile ones. */
  readonly entries?: readonly ZipSpec[]
  /** Options of the archive itself. */
  readonly zip?: ZipOptions
}

/**
 * A small sound extension in memory (manifest version 3, an action with a popup, a service worker, a content
 * script, a real 128x128 PNG icon), about 2 kB, the same bytes for the same options. Without options nothing is
 * wrong with it: its inspection has no error and no warning.
 */
export function buildExtension(spec: ExtensionSpec = {}): Uint8Array {
  const files: Record<string, string | Uint8Array | undefined> = {
    'manifest.json': spec.manifestText ?? JSON.stringify(sampleManifest(spec), null, 2),
    'background.js': 'chrome.runtime.onInstalled.addListener(() => undefined)\n',
    'content.js': "document.documentElement.dataset.sample = 'yes'\n",
    'popup.html': '<!doctype html><title>Sample</title><p>Hello\n',
    'icons/128.png': icon,
    ...spec.files,
  }
  for (const [locale, messages] of Object.entries(spec.locales ?? {})) {
    files[`_locales/${locale}/messages.json`] = JSON.stringify(
      Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, { message }])),
    )
  }
  const prefix = spec.folder === undefined ? '' : `${spec.folder}/`
  const entries: ZipSpec[] = []
  for (const [name, content] of Object.entries(files)) {
    if (content !== undefined) entries.push({ name: prefix + name, content })
  }
  return buildZip([...entries, ...(spec.entries ?? [])], spec.zip)
}

/** The manifest that {@link buildExtension} packs. */
export function sampleManifest(spec: ExtensionSpec = {}): Record<string, unknown> {
  return {
    manifest_version: 3,
    name: spec.name ?? 'Slipway sample',
    version: spec.version ?? '1.0.0',
    description: 'A small extension to be submitted.',
    icons: { 128: 'icons/128.png' },
    action: { default_popup: 'popup.html', default_icon: 'icons/128.png' },
    background: { service_worker: 'background.js' },
    content_scripts: [{ matches: ['https://example.com/*'], js: ['content.js'] }],
    permissions: ['storage'],
    ...(spec.locales === undefined ? {} : { default_locale: Object.keys(spec.locales)[0] }),
    ...spec.manifest,
  }
}

/** A PNG of one colour (8-bit RGBA), by default square. */
export function buildPng(width: number, height = width, rgba = [32, 96, 192, 255]): Uint8Array {
  const row = Buffer.concat([Buffer.of(0), ...Array.from({ length: width }, () => Buffer.from(rgba))])
  const rows = Buffer.concat(Array.from({ length: height }, () => row))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  chunk.set(body, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}

const icon = buildPng(128)
