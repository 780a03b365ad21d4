import type { DriverFindingList } from './findings.ts'
import type { Inf } from './inf.ts'
import { copiedFiles, copiedInfs, sourceFiles, sourcePaths } from './inf-files.ts'
import type { InfOutline } from './inf-install.ts'
import type { DriverFolder } from './package-layout.ts'

/** Judges whether the files that an INF speaks of are in its folder (microsoft-hardware.md 8.3). */
export function judgeReferences(
  inf: Inf,
  outline: InfOutline,
  architectures: readonly string[],
  path: string,
  folder: DriverFolder,
  findings: DriverFindingList,
): void {
  const sources = sourceFiles(inf)
  const missing = new Set<string>()
  for (const { name, folder: below, architecture, isInCabinet } of sources) {
    const isWanted = architecture === '' || architectures.includes(architecture)
    const file = below === '' ? name : `${below}/${name}`
    if (isWanted && !isInCabinet && !isThere(folder, file)) missing.add(file)
  }
  for (const file of missing) findings.add('driver-file-missing', path, file)
  judgeCopies(inf, outline, new Set(sources.map(({ name }) => name.toLowerCase())), path, findings)
  for (const name of copiedInfs(inf, outline)) {
    if (!isThere(folder, name)) findings.add('driver-file-missing', path, name)
  }
  for (const catalog of new Set(Object.values(inf.version.catalogFiles))) {
    if (!isThere(folder, catalog)) findings.add('driver-catalog-absent', path, catalog)
  }
  const network = sourcePaths(inf).find((source) => /^[\\/]{2}/.test(source))
  if (network !== undefined) findings.add('driver-unc-path', path, network)
}

/** What CopyFiles takes must be listed; with a LayoutFile the list is in another INF. */
function judgeCopies(
  inf: Inf,
  outline: InfOutline,
  listed: ReadonlySet<string>,
  path: string,
  findings: DriverFindingList,
) {
  if (inf.version.layoutFile !== null) return
  for (const name of copiedFiles(inf, outline)) {
    if (!listed.has(name)) findings.add('driver-file-not-listed', path, name)
  }
}

/** Under its own name or, compressed, with an underscore for the last letter (`driver.sy_`). */
function isThere(folder: DriverFolder, file: string): boolean {
  const name = file.replaceAll('\\', '/').toLowerCase()
  return folder.files.has(name) || folder.files.has(`${name.slice(0, -1)}_`)
}
