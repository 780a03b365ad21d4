import type { Inf } from './inf.ts'
import { type InfArchitecture, parseDecoration } from './inf-decoration.ts'
import { type InfOutline, namesIn } from './inf-install.ts'

/** A file that the driver package brings along, by [SourceDisksFiles]. */
export interface SourceFile {
  readonly name: string
  /** Where it lies beside the INF, with `/`; '' for the INF's own folder. */
  readonly folder: string
  /** '' when it is for every architecture. */
  readonly architecture: InfArchitecture | ''
  /** True when it is in a cabinet of its own, so that it can't be looked for. */
  readonly isInCabinet: boolean
}

const architectures = ['', '.x86', '.amd64', '.arm64', '.arm', '.ia64'] as const

/** Every file of [SourceDisksFiles] and its decorated forms, with the path that [SourceDisksNames] adds. */
export function sourceFiles(inf: Inf): SourceFile[] {
  return architectures.flatMap((suffix) => {
    const disks = sourceDisks(inf, suffix)
    const { architecture } = parseDecoration(suffix.slice(1))
    return inf.entries(`sourcedisksfiles${suffix}`).flatMap(({ key, fields }) => {
      const name = inf.expand(key ?? fields[0] ?? '').trim()
      const [disk = '', folder = ''] =
        key === undefined ? [] : fields.map((field) => inf.expand(field).trim())
      if (name === '') return []
      const source = disks.get(disk)
      return {
        name,
        folder: joinFolders(source?.path ?? '', folder),
        architecture,
        isInCabinet: source?.isCabinet ?? false,
      }
    })
  })
}

/** The disks of [SourceDisksNames.<architecture>], then of the undecorated section. */
function sourceDisks(inf: Inf, suffix: string): Map<string, { path: string; isCabinet: boolean }> {
  const disks = new Map<string, { path: string; isCabinet: boolean }>()
  for (const section of [`sourcedisksnames${suffix}`, 'sourcedisksnames']) {
    for (const { key, fields } of inf.entries(section)) {
      const disk = inf.expand(key ?? '').trim()
      const [, tag = '', , path = ''] = fields.map((field) => inf.expand(field).trim())
      if (!disks.has(disk)) disks.set(disk, { path, isCabinet: tag.toLowerCase().endsWith('.cab') })
    }
  }
  return disks
}

/** Paths of [SourceDisksNames] as written, for the rule against network paths. */
export function sourcePaths(inf: Inf): string[] {
  return architectures.flatMap((suffix) =>
    inf.entries(`sourcedisksnames${suffix}`).map(({ fields }) => inf.expand(fields[3] ?? '').trim()),
  )
}

function joinFolders(...folders: string[]): string {
  const parts = folders.flatMap((folder) => folder.replaceAll('\\', '/').split('/'))
  return parts.filter((part) => part !== '' && part !== '.').join('/')
}

/** Names of the files that CopyFiles takes from the package, each once, in lower case. */
export function copiedFiles(inf: Inf, { installs }: InfOutline): Set<string> {
  const files = new Set<string>()
  for (const name of namesIn(inf, installs, 'copyfiles')) {
    if (name.startsWith('@')) {
      files.add(name.slice(1).trim().toLowerCase())
      continue
    }
    for (const { key, fields } of inf.entries(name)) {
      // destination[,source[,…]]: without a source the names are the same.
      const [destination = '', source = ''] = fields.map((field) => inf.expand(field).trim())
      const file = source === '' ? (key ?? destination) : source
      if (file !== '') files.add(file.toLowerCase())
    }
  }
  return files
}

/** INF files that are installed along with this one. */
export function copiedInfs(inf: Inf, { installs }: InfOutline): Set<string> {
  return namesIn(inf, installs, 'copyinf')
}
