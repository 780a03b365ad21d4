import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { imageSize } from 'image-size'
import { openZip } from '../formats/containers/zip.ts'
import { ZipError } from '../formats/containers/zip-error.ts'
import type { ZipArchive, ZipEntry } from '../formats/containers/zip-types.ts'
import type { Reader } from '../formats/types.ts'

export interface Wanted {
  readonly name: string
  readonly as: 'package' | 'image' | 'file'
}

export interface UnpackedFile {
  readonly name: string
  /** Null when the archive has no such file. */
  readonly path: string | null
  readonly size: number
  readonly image: { readonly width: number; readonly height: number; readonly type: string } | null
}

export interface Unpacked {
  readonly files: readonly UnpackedFile[]
  /** Why nothing could be unpacked; null when the archive was readable. */
  readonly problem: string | null
}

/** What an image says of itself stands within so many of its first bytes. */
const imageHeadBytes = 512 * 1024

/**
 * Unpacks the wanted files of a ZIP into a folder, each under a number of its own: names from the archive never
 * become paths. Extra files are left alone; `/` and `\` in names are the same.
 */
export async function unpackArchive(
  reader: Reader,
  wanted: readonly Wanted[],
  folder: string,
): Promise<Unpacked> {
  const archive = await openZip(reader)
  const broken = archive.findings.find((finding) => finding.severity === 'error' && fatal.has(finding.code))
  if (broken) return { files: [], problem: broken.message }
  const entries = byPath(archive)
  const files: UnpackedFile[] = []
  for (const [index, { name, as }] of wanted.entries()) {
    const entry = entries.get(pathOf(name))
    if (!entry) {
      files.push({ name, path: null, size: 0, image: null })
      continue
    }
    const path = join(folder, String(index))
    try {
      const head = await extract(archive, entry, path)
      files.push({ name, path, size: entry.uncompressedSize, image: as === 'image' ? imageOf(head) : null })
    } catch (error) {
      if (!(error instanceof ZipError)) throw error
      return { files: [], problem: error.message }
    }
  }
  return { files, problem: null }
}

/** Findings that leave nothing to read; others concern files that may not be wanted at all. */
const fatal = new Set([
  'zip-not-a-zip',
  'zip-truncated',
  'zip-multi-disk',
  'zip-bad-directory',
  'zip-duplicate-name',
])

function byPath(archive: ZipArchive): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>()
  for (const entry of archive.entries) {
    if (!entry.isDirectory && !entries.has(pathOf(entry.name))) entries.set(pathOf(entry.name), entry)
  }
  return entries
}

function pathOf(name: string): string {
  return name.replaceAll('\\', '/')
}

/** @returns the first bytes, as far as an image's header may reach */
async function extract(archive: ZipArchive, entry: ZipEntry, path: string): Promise<Uint8Array> {
  await using file = await open(path, 'wx')
  const head: Uint8Array[] = []
  let kept = 0
  for await (const chunk of archive.open(entry)) {
    if (kept < imageHeadBytes) {
      head.push(Buffer.from(chunk.subarray(0, imageHeadBytes - kept)))
      kept += Math.min(chunk.length, imageHeadBytes - kept)
    }
    await file.writeFile(chunk)
  }
  return Buffer.concat(head)
}

function imageOf(head: Uint8Array): UnpackedFile['image'] {
  try {
    const { width, height, type } = imageSize(head)
    return { width, height, type: type ?? 'unknown' }
  } catch {
    return null
  }
}
