import type { CabFile, Cabinet } from '../containers/cab-types.ts'
import type { Fact, Finding } from '../types.ts'
import type { DriverFindingList } from './findings.ts'
import { type Inf, parseInf } from './inf.ts'
import { infFacts, newFactBudget } from './inf-facts.ts'
import { outlineOf } from './inf-install.ts'
import { judgeInf } from './inf-rules.ts'
import { type DriverFolder, layOut } from './package-layout.ts'
import { judgeReferences } from './package-references.ts'

/** Largest INF that is read; the largest known, of graphics drivers, have some two million bytes. */
const largestInf = 8 * 1024 * 1024
const mostInfs = 1000

/**
 * Judges the content of a driver cabinet (microsoft-hardware.md 5.4 and 8.3) and tells what its INF files say.
 * Unpacks the cabinet once, which also proves its data.
 * @returns facts for the submission, and what unpacking found wrong.
 */
export async function inspectContent(
  cabinet: Cabinet,
  findings: DriverFindingList,
): Promise<{ facts: { readonly [name: string]: Fact }; found: readonly Finding[] }> {
  const layout = layOut(cabinet.files, findings)
  const budget = newFactBudget()
  const infs = new Map<DriverFolder, { readonly [name: string]: Fact }[]>()
  const architectures = new Map<DriverFolder, Set<string>>()
  const wanted = layout.infs.slice(0, mostInfs)
  if (wanted.length < layout.infs.length)
    findings.add('driver-too-many-infs', undefined, layout.infs.length, mostInfs)
  const judge = (file: CabFile, folder: DriverFolder, inf: Inf) => {
    const outline = outlineOf(inf)
    judgeInf(inf, outline, file.path, findings)
    const facts = infFacts(inf, outline, baseName(file.path), file.path, budget, findings)
    judgeReferences(inf, outline, facts.architectures, file.path, folder, findings)
    infs.set(folder, [...(infs.get(folder) ?? []), facts])
    architectures.set(folder, new Set([...(architectures.get(folder) ?? []), ...facts.architectures]))
  }
  const found = await readInfs(
    cabinet,
    new Map(wanted.map(({ file, folder }) => [file, folder])),
    judge,
    findings,
  )
  judgeArchitectures(layout.folders, architectures, findings)
  const drivers = layout.folders.map((folder) => ({
    folder: folder.name,
    files: folder.files.size,
    architectures: sorted(architectures.get(folder)),
    infs: infs.get(folder) ?? [],
  }))
  return {
    found,
    facts: {
      files: cabinet.files.length,
      unpackedSize: cabinet.files.reduce((sum, file) => sum + file.size, 0),
      architectures: sorted(
        new Set(layout.folders.flatMap((folder) => [...(architectures.get(folder) ?? [])])),
      ),
      drivers,
    },
  }
}

/** Unpacks the cabinet and hands over each INF as soon as it is whole, so that one at a time is in memory. */
async function readInfs(
  cabinet: Cabinet,
  wanted: ReadonlyMap<CabFile, DriverFolder>,
  judge: (file: CabFile, folder: DriverFolder, inf: Inf) => void,
  findings: DriverFindingList,
): Promise<readonly Finding[]> {
  let current: CabFile | undefined
  let chunks: Buffer[] = []
  return cabinet.readFolders({
    data(file, chunk) {
      if (!wanted.has(file) || file.size > largestInf) return
      // A file before it may have broken off in the middle.
      if (file !== current) chunks = []
      current = file
      chunks.push(Buffer.from(chunk))
    },
    end(file) {
      const folder = wanted.get(file)
      if (folder === undefined) return
      if (file.size > largestInf) findings.add('driver-inf-too-large', file.path)
      else judge(file, folder, parseInf(Buffer.concat(file === current ? chunks : [])))
      chunks = []
    },
  })
}

/** All driver folders must support the same architectures. */
function judgeArchitectures(
  folders: readonly DriverFolder[],
  architectures: ReadonlyMap<DriverFolder, ReadonlySet<string>>,
  findings: DriverFindingList,
) {
  const known = folders.filter((folder) => (architectures.get(folder)?.size ?? 0) > 0)
  const [first, ...others] = known
  if (first === undefined) return
  const expected = sorted(architectures.get(first)).join(', ')
  for (const folder of others) {
    const own = sorted(architectures.get(folder)).join(', ')
    if (own !== expected) findings.add('driver-architectures-differ', folder.name, own, first.name, expected)
  }
}

function sorted(values: ReadonlySet<string> | undefined): string[] {
  return [...(values ?? [])].toSorted()
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
