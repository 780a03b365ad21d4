import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { buildZip } from './zip-builder.ts'

const folder = resolve(import.meta.dirname, '../../node_modules/@duckduckgo/autoconsent/dist/addon-mv3')

export const realExtensionName = 'Autoconsent'

/**
 * The extension that ships inside the npm package `@duckduckgo/autoconsent`, zipped.
 * @param manifest keys laid over its manifest, to make something wrong with it
 */
export async function zipRealExtension(
  manifest: { readonly [key: string]: unknown } = {},
): Promise<Uint8Array> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  return buildZip(
    await Promise.all(
      files.map(async (file) => {
        const name = relative(folder, file).split(sep).join('/')
        const content = await readFile(file)
        return { name, content: name === 'manifest.json' ? changed(content, manifest) : content }
      }),
    ),
  )
}

function changed(content: Buffer, manifest: { readonly [key: string]: unknown }): Uint8Array {
  return Buffer.from(JSON.stringify({ ...JSON.parse(content.toString('utf8')), ...manifest }))
}
