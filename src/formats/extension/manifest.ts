import { ZipError } from '../containers/zip-error.ts'
import type { ZipArchive } from '../containers/zip-types.ts'
import type { Finding } from '../types.ts'
import type { ExtensionFindings } from './findings.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import type { ExtensionFiles } from './layout.ts'

const mostManifestBytes = 1024 ** 2

export interface ReadManifest {
  readonly manifest?: JsonObject
  /** What the ZIP container has to say about the manifest's bytes. */
  readonly damage: readonly Finding[]
}

/** Reads `manifest.json`; without one, or with an unreadable one, findings say what to change. */
export async function readManifest(
  archive: ZipArchive,
  files: ExtensionFiles,
  findings: ExtensionFindings,
): Promise<ReadManifest> {
  const entry = files.find('manifest.json')
  if (entry === undefined) {
    findings.add('extension-manifest-missing', 'manifest.json', missingHint(files))
    return { damage: [] }
  }
  if (entry.uncompressedSize > mostManifestBytes) {
    findings.add('extension-manifest-too-large', entry.name, entry.uncompressedSize, mostManifestBytes)
    return { damage: [] }
  }
  let bytes: Uint8Array
  try {
    bytes = await archive.read(entry, mostManifestBytes)
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    findings.add('extension-manifest-missing', entry.name, 'Pack it again; the archive is damaged there.')
    return { damage: [error.toFinding()] }
  }
  const parsed = parseJson(bytes)
  if (parsed.error !== undefined) {
    findings.add('extension-manifest-invalid', entry.name, parsed.error)
    return { damage: [] }
  }
  if (parsed.nonstandard) findings.add('extension-nonstandard-json', entry.name)
  if (!isObject(parsed.value)) {
    findings.add('extension-manifest-invalid', entry.name, 'Its top level must be an object.')
    return { damage: [] }
  }
  return { manifest: parsed.value, damage: [] }
}

function missingHint(files: ExtensionFiles): string {
  const otherCase = files.findIgnoringCase('manifest.json')
  if (otherCase !== undefined) return `Rename '${otherCase}' to 'manifest.json'.`
  for (const path of files.paths()) {
    if (path.endsWith('/manifest.json')) return `'${path}' lies too deep: pack the folder that has it.`
  }
  return "Put 'manifest.json' at the root of the archive."
}
