import type { ZipFindings } from './zip-findings.ts'
import type { ZipEntry } from './zip-types.ts'

/** Judged further, a longer name would cost more than any sound path is worth. */
const longestName = 1024

/** Names that lead out of the package, or that two readers or two file systems would unpack differently. */
export function judgeNames(entries: readonly ZipEntry[], findings: ZipFindings): void {
  const paths = new Map<string, ZipEntry>()
  const folded = new Map<string, string>()
  for (const entry of entries) {
    const { name } = entry
    if (name.length > longestName) {
      findings.add('zip-name-too-long', `its name is ${name.length} characters long`, name)
      continue
    }
    judgeName(name, findings)
    const path = normalPath(name)
    if (paths.has(path)) {
      findings.add('zip-duplicate-name', 'it is in the archive twice', name)
      continue
    }
    paths.set(path, entry)
    const key = path.normalize('NFC').toLowerCase()
    const rival = folded.get(key)
    if (rival === undefined) folded.set(key, name)
    else findings.add('zip-case-collision', 'another entry differs from it in letter case only', name)
  }
  judgeFolders(paths, findings)
}

function judgeName(name: string, findings: ZipFindings): void {
  if (name === '') findings.add('zip-empty-name', 'an entry has no name')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) {
    findings.add('zip-control-character', 'its name has a control character in it', name)
  }
  if (name.includes('\\')) findings.add('zip-backslash', 'its name has a backslash in it', name)
  if (/^[A-Za-z]:/.test(name)) findings.add('zip-drive-letter', 'its name begins with a drive letter', name)
  const parts = name.split(/[/\\]/)
  if (parts[0] === '' && name !== '') findings.add('zip-absolute-path', 'its name is an absolute path', name)
  if (parts.includes('..')) findings.add('zip-parent-path', 'its name leads to a parent folder', name)
  const inner = parts.slice(parts[0] === '' ? 1 : 0, parts.at(-1) === '' ? -1 : undefined)
  if (inner.some((part) => part === '.' || part === '')) {
    findings.add('zip-unnormalised-path', 'its name has empty or "." parts', name)
  }
}

/** What an extractor would make of the name; two entries of one path overwrite each other. */
function normalPath(name: string): string {
  if (!/[\\.]|\/\/|^\/|\/$/.test(name)) return name
  return name
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

function judgeFolders(paths: ReadonlyMap<string, ZipEntry>, findings: ZipFindings): void {
  const sorted = [...paths.keys()].sort()
  for (const [path, entry] of paths) {
    if (entry.isDirectory) continue
    const inside = `${path}/`
    if (firstFrom(sorted, inside)?.startsWith(inside) === true) {
      findings.add('zip-file-as-folder', 'it is both a file and a folder', entry.name)
    }
  }
}

/** The first of the sorted names that is not before `name`. */
function firstFrom(sorted: readonly string[], name: string): string | undefined {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < name) low = middle + 1
    else high = middle
  }
  return sorted[low]
}
