import { refusals } from '../refusals.ts'
import { type FileEntry, fileStatuses } from './files.ts'
import { choice, list, object, text } from './readers.ts'

/** A package of a submission. What it is, the service says once it has read it; before, the texts are empty. */
export interface PackageEntry extends FileEntry {
  /** Empty as long as it is waiting for its file. */
  readonly id: string
  readonly version: string
  readonly architecture: string
  readonly targetPlatform: string
  readonly languages: readonly string[]
  readonly capabilities: readonly string[]
  readonly minimumDirectXVersion: string
  readonly minimumSystemRam: string
  readonly targetDeviceFamilies: readonly string[]
}

/** Entries of a list that names files; a bound of this server, far above what stores list. */
export const mostEntries = 1000

const directX = ['None', 'DirectX93', 'DirectX100'] as const
const ram = ['None', 'Memory2GB'] as const

/** What is read of an entry; everything else about a package is the service's to say. */
const readEntry = object({
  id: text(64),
  fileName: text(1024),
  fileStatus: choice([...fileStatuses, ''], ''),
  minimumDirectXVersion: choice([...directX, ''], ''),
  minimumSystemRam: choice([...ram, ''], ''),
})
const readEntries = list(readEntry, mostEntries)
type Sent = ReturnType<typeof readEntry>

/**
 * The packages of an update against those the draft has: every one that exists is named by its id, also to be
 * deleted; what waits for its file may be left out again (microsoft-store.md 3.4, 7-16, 7-17, 7-31, 7-33).
 */
export function mergePackages(existing: readonly PackageEntry[], value: unknown): PackageEntry[] {
  const sent = readEntries(value, 'packages')
  const stored = new Map(existing.filter(({ id }) => id !== '').map((entry) => [entry.id, entry]))
  const missing = [...stored.keys()].filter((id) => !sent.some((entry) => entry.id === id))
  const unnamed = sent.find((entry) => entry.id === '' && entry.fileStatus !== 'PendingUpload')
  if (unnamed) throw refusals.needsId('Package', unnamed.fileName)
  if (missing.length > 0) throw refusals.packagesMissing(missing)
  const seen = new Set<string>()
  return sent.map((entry) => {
    if (entry.id === '') return pendingPackage(entry)
    const known = stored.get(entry.id)
    if (!known) throw refusals.invalid('packages', `Package ${entry.id} is not part of the submission`)
    if (seen.has(entry.id)) throw refusals.invalid('packages', `Package ${entry.id} is listed twice`)
    seen.add(entry.id)
    if (entry.fileStatus === 'PendingUpload') throw refusals.needsId('Package', entry.fileName)
    return {
      ...known,
      fileStatus:
        entry.fileStatus === '' || entry.fileStatus === 'None' ? known.fileStatus : entry.fileStatus,
      minimumDirectXVersion: entry.minimumDirectXVersion || known.minimumDirectXVersion,
      minimumSystemRam: entry.minimumSystemRam || known.minimumSystemRam,
    }
  })
}

function pendingPackage({ fileName, minimumDirectXVersion, minimumSystemRam }: Sent): PackageEntry {
  if (fileName === '') throw refusals.invalid('packages', 'A package that is to be uploaded needs a FileName')
  return {
    fileName,
    fileStatus: 'PendingUpload',
    id: '',
    version: '',
    architecture: '',
    targetPlatform: '',
    languages: [],
    capabilities: [],
    minimumDirectXVersion: minimumDirectXVersion || 'None',
    minimumSystemRam: minimumSystemRam || 'None',
    targetDeviceFamilies: [],
  }
}

/** An entry as a seed or the native API may write it: complete, and named by its id. */
export const readStoredPackage = object({
  fileName: text(1024),
  fileStatus: choice(fileStatuses, 'Uploaded'),
  id: text(64),
  version: text(64),
  architecture: text(64),
  targetPlatform: text(64, 'Windows10'),
  languages: list(text(100), mostEntries),
  capabilities: list(text(255), mostEntries),
  minimumDirectXVersion: choice(directX, 'None'),
  minimumSystemRam: choice(ram, 'None'),
  targetDeviceFamilies: list(text(255), mostEntries),
})
