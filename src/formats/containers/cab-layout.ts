import type { InspectionLimits } from '../types.ts'
import type { CabFindingList } from './cab-findings.ts'
import type { CabTables } from './cab-tables.ts'
import type { CabFile, CabFolder } from './cab-types.ts'

/** Most bytes a block may unpack to; every block but a folder's last has exactly as many. */
export const blockSize = 32768

/** A folder that may be unpacked, and the files to find in it. */
export interface FolderPlan {
  readonly folder: CabFolder
  /** Where the folder's data must end: at the next folder's data or the cabinet's end. */
  readonly dataEnd: number
  /** By offset, none sharing bytes with another. */
  readonly files: readonly CabFile[]
}

/**
 * Decides which folders and files can be unpacked without contradiction, and says what is wrong with the rest.
 * @param dataEnd where the cabinet's bytes end: its stated size, or less when it was cut off.
 */
export function planFolders(
  tables: CabTables,
  dataEnd: number,
  limits: InspectionLimits,
  findings: CabFindingList,
): FolderPlan[] {
  const total = tables.files.reduce((sum, file) => sum + file.size, 0)
  if (total > limits.unpackedBytes) {
    findings.add('cab-too-large', undefined, total, limits.unpackedBytes)
    return []
  }
  const byFolder = filesByFolder(tables)
  const ends = dataEnds(tables, dataEnd, findings)
  return tables.folders.map((folder) => ({
    folder,
    dataEnd: ends.get(folder.index) ?? -1,
    files: soundFiles(byFolder[folder.index] ?? [], folder, findings),
  }))
}

function filesByFolder(tables: CabTables): CabFile[][] {
  const groups: CabFile[][] = tables.folders.map(() => [])
  for (const file of tables.files) groups[file.folder]?.push(file)
  return groups
}

/** Where each folder's data ends at the latest; folders that can't be located are left out. */
function dataEnds(tables: CabTables, limit: number, findings: CabFindingList): Map<number, number> {
  const ends = new Map<number, number>()
  const located = tables.folders
    .filter((folder) => folder.blocks > 0)
    .sort((a, b) => a.dataOffset - b.dataOffset)
  located.forEach((folder, position) => {
    const end = located[position + 1]?.dataOffset ?? limit
    if (folder.dataOffset < tables.end || folder.dataOffset >= limit) {
      findings.add('cab-folder-offset', undefined, folder.index)
    } else if (end === folder.dataOffset) {
      findings.add('cab-overlapping-folders', undefined, folder.index)
    } else {
      ends.set(folder.index, Math.min(end, limit))
    }
  })
  return ends
}

function soundFiles(files: readonly CabFile[], folder: CabFolder, findings: CabFindingList): CabFile[] {
  const sound: CabFile[] = []
  let last: CabFile | undefined
  for (const file of files.toSorted((a, b) => a.offset - b.offset || a.size - b.size)) {
    if (file.offset + file.size > folder.blocks * blockSize) {
      findings.add('cab-file-outside-folder', file.name)
    } else if (last !== undefined && file.size > 0 && file.offset < last.offset + last.size) {
      findings.add('cab-overlapping-files', file.name, last.name)
    } else {
      sound.push(file)
      if (file.size > 0) last = file
    }
  }
  return sound
}
