import type { CabFile } from '../containers/cab-types.ts'
import type { DriverFindingList } from './findings.ts'

/** A first-level folder of the cabinet: one driver package. */
export interface DriverFolder {
  /** As first written. */
  readonly name: string
  /** Paths below the folder, in lower case. */
  readonly files: ReadonlySet<string>
}

export interface PackageLayout {
  readonly folders: readonly DriverFolder[]
  readonly infs: readonly { readonly file: CabFile; readonly folder: DriverFolder }[]
}

/** Longest path in the cabinet that the hardware dashboard takes (MicrosoftDocs/windows-driver-docs pull request 1725). */
const longestPath = 160
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const impossible = /[\u0000-\u001f<>"|?*]|[. ](?:\/|$)/
const reserved = /(?:^|\/)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.[^/]*)?(?:\/|$)/i

/** Sorts the files into driver folders and judges where they lie (microsoft-hardware.md 5.4 and 8.3). */
export function layOut(files: readonly CabFile[], findings: DriverFindingList): PackageLayout {
  const roots: string[] = []
  const nested = new Set<string>()
  const folders = new Map<string, { name: string; files: Set<string> }>()
  const infs: { file: CabFile; folder: DriverFolder }[] = []
  for (const file of files) {
    judgePath(file.path, findings)
    const slash = file.path.indexOf('/')
    if (slash < 0) {
      roots.push(file.path)
      continue
    }
    const name = file.path.slice(0, slash)
    const below = file.path.slice(slash + 1)
    const folder = folders.get(name.toLowerCase()) ?? { name, files: new Set<string>() }
    folders.set(name.toLowerCase(), folder)
    folder.files.add(below.toLowerCase())
    if (below.includes('/')) nested.add(file.path.slice(0, file.path.lastIndexOf('/')))
    else if (below.toLowerCase().endsWith('.inf')) infs.push({ file, folder })
  }
  if (roots.length > 0) findings.add('driver-files-at-root', undefined, listed(roots))
  for (const folder of nested) findings.add('driver-nested-folder', folder)
  const all = [...folders.values()]
  const withInf = new Set(infs.map(({ folder }) => folder))
  const without = all.filter((folder) => !withInf.has(folder)).map(({ name }) => name)
  if (without.length > 0) findings.add('driver-no-inf', undefined, listed(without))
  if (all.length === 0) findings.add('driver-no-folder', undefined)
  return { folders: all, infs }
}

function judgePath(path: string, findings: DriverFindingList) {
  if (path.length > longestPath) findings.add('driver-path-too-long', path, path.length, longestPath)
  if (impossible.test(path) || reserved.test(path)) findings.add('driver-path-impossible', path)
}

/** Names for a message: the first ones, and how many more there are. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}
