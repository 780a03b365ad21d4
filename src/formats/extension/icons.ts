import { ZipError } from '../containers/zip-error.ts'
import type { ZipArchive, ZipEntry } from '../containers/zip-types.ts'
import { type ExtensionContext, manifestKey } from './context.ts'
import { type Image, imageStartLength, recogniseImage } from './images.ts'
import { isObject, member } from './json.ts'
import { resolveReference } from './references.ts'

/** `icons`: raster images, square and of the size they are declared for (edge-addons.md 7.1). */
export async function judgeIcons(context: ExtensionContext): Promise<void> {
  const { manifest, findings } = context
  const icons = member(manifest, 'icons')
  if (icons !== undefined && !isObject(icons)) {
    findings.add('extension-invalid-value', manifestKey('icons'), 'icons', 'an object of sizes and paths')
    return
  }
  const sizes = Object.entries(icons ?? {})
  if (!sizes.some(([size]) => Number(size) === 128)) {
    findings.add('extension-icon-128-missing', manifestKey('icons'))
  }
  const seen = new Map<string, Image | undefined>()
  for (const [size, path] of sizes) {
    if (typeof path !== 'string') {
      findings.add('extension-invalid-value', manifestKey('icons', size), `icons["${size}"]`, 'a path')
      continue
    }
    const found = resolveReference(context.files, path)
    if (found === undefined) continue
    const entry = context.files.find(found.path)
    if (entry === undefined) continue
    if (!seen.has(found.path)) {
      const image = await readImage(context.archive, entry)
      seen.set(found.path, image)
      if (image !== undefined) judgeImage(context, path, size, image)
    }
    const image = seen.get(found.path)
    if (image !== undefined) judgeSize(context, path, size, image)
  }
}

/** Undefined when the bytes can't be read, which the container says. */
async function readImage(archive: ZipArchive, entry: ZipEntry): Promise<Image | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of archive.open(entry)) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= imageStartLength) break
    }
  } catch (error) {
    if (error instanceof ZipError) return undefined
    throw error
  }
  return recogniseImage(Buffer.concat(chunks).subarray(0, imageStartLength))
}

function judgeImage({ findings }: ExtensionContext, path: string, size: string, { kind }: Image): void {
  const target = manifestKey('icons', size)
  if (kind === 'SVG') {
    findings.add('extension-icon-invalid', target, path, 'SVG images are not supported.')
  } else if (kind === 'unknown') {
    findings.add('extension-icon-invalid', target, path, 'It is no PNG, BMP, GIF, ICO or JPEG image.')
  } else if (kind === 'WebP' || kind === 'AVIF') {
    findings.add('extension-icon-unsupported', target, path, kind)
  }
}

function judgeSize({ findings }: ExtensionContext, path: string, size: string, image: Image): void {
  const { width, height } = image
  if (width === undefined || height === undefined) return
  const target = manifestKey('icons', size)
  const wanted = Number(size)
  if (width !== height) {
    findings.add('extension-icon-size', target, path, `${width}x${height}`, 'square')
  } else if (Number.isInteger(wanted) && wanted > 0 && width !== wanted) {
    findings.add('extension-icon-size', target, path, `${width}x${height}`, `${wanted}x${wanted}`)
  }
}
