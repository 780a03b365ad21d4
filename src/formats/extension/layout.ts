import { flag } from '../containers/zip-fields.ts'
import type { ZipArchive, ZipEntry } from '../containers/zip-types.ts'
import type { ExtensionFindings } from './findings.ts'

/** The files of an extension, by their paths below the folder that has the manifest. */
export class ExtensionFiles {
  /** `''`, or the top folder's name with its slash. */
  readonly folder: string
  readonly #entries = new Map<string, ZipEntry>()
  #sorted: string[] | undefined
  #folded: Map<string, string> | undefined

  constructor(folder: string, entries: Iterable<readonly [path: string, entry: ZipEntry]>) {
    this.folder = folder
    for (const [path, entry] of entries) {
      if (!path.startsWith(folder)) continue
      const below = path.slice(folder.length)
      // Of two entries of one name the first counts, as for the archive; that there are two is an error.
      if (!this.#entries.has(below)) this.#entries.set(below, entry)
    }
  }

  get count(): number {
    return this.#entries.size
  }

  find(path: string): ZipEntry | undefined {
    return this.#entries.get(path)
  }

  paths(): Iterable<string> {
    return this.#entries.keys()
  }

  /** True when some file lies in the folder `path` (without a slash at its end). */
  hasFolder(path: string): boolean {
    this.#sorted ??= [...this.#entries.keys()].sort()
    const prefix = `${path}/`
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] ?? '') < prefix) low = middle + 1
      else high = middle
    }
    return this.#sorted[low]?.startsWith(prefix) === true
  }

  /** The path that differs from `path` in letter case only. */
  findIgnoringCase(path: string): string | undefined {
    if (this.#folded === undefined) {
      this.#folded = new Map()
      for (const each of this.#entries.keys()) this.#folded.set(each.toLowerCase(), each)
    }
    return this.#folded.get(path.toLowerCase())
  }
}

/** Where the files are, even when there is no manifest among them. */
export function findFiles(archive: ZipArchive, findings: ExtensionFindings): ExtensionFiles {
  const files: [string, ZipEntry][] = []
  for (const entry of archive.entries) {
    if (entry.name.includes('\\')) findings.add('extension-backslash', entry.name, entry.name)
    if (!entry.isDirectory) files.push([entryPath(entry), entry])
  }
  const folder = manifestFolder(files.map(([path]) => path))
  if (folder !== undefined && folder !== '') sayOutsiders(archive, folder, findings)
  const found = new ExtensionFiles(folder ?? '', files)
  judgeReservedNames(found, findings)
  return found
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** An entry's path as browsers unpack it: macOS writes UTF-8 names without saying so, bsdtar begins with "./". */
function entryPath(entry: ZipEntry): string {
  let { name } = entry
  if ((entry.flags & flag.utf8) === 0 && entry.rawName.some((byte) => byte >= 0x80)) {
    try {
      name = strictUtf8.decode(entry.rawName)
    } catch {
      // CP437 it is, then.
    }
  }
  if (!/\\|\/\/|(?:^|\/)\.\//.test(name)) return name
  return name
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

/** `''` for a manifest at the root, the top folder with its slash otherwise; undefined without a manifest. */
function manifestFolder(paths: readonly string[]): string | undefined {
  if (paths.includes('manifest.json')) return ''
  const inFolder = paths.find((path) => /^[^/]+\/manifest\.json$/.test(path))
  return inFolder?.slice(0, -'manifest.json'.length)
}

function sayOutsiders(archive: ZipArchive, folder: string, findings: ExtensionFindings): void {
  const outside = new Set<string>()
  for (const entry of archive.entries) {
    const top = entryPath(entry).split('/', 1)[0] ?? ''
    if (top !== '' && `${top}/` !== folder) outside.add(top)
  }
  if (outside.size === 0) return
  const shown = [...outside].slice(0, 10)
  const names = outside.size > shown.length ? [...shown, '…'] : shown
  findings.add('extension-outside-files', shown[0], folder.slice(0, -1), names.join(', '))
}

/** `_locales` and `_platform_specific` have a meaning, `_metadata` is what stores add and remove. */
const knownReserved = new Set(['_locales', '_platform_specific', '_metadata', '__MACOSX'])

function judgeReservedNames(files: ExtensionFiles, findings: ExtensionFindings): void {
  const said = new Set<string>()
  for (const path of files.paths()) {
    if (!path.startsWith('_')) continue
    const top = path.split('/', 1)[0] ?? ''
    if (knownReserved.has(top) || said.has(top)) continue
    said.add(top)
    findings.add('extension-reserved-name', top, top)
  }
}
