import type { ZipArchive, ZipEntry } from '../containers/zip-types.ts'
import type { DriverFindingList } from './findings.ts'
import { readXml, type XmlVisitor } from './xml-events.ts'

/** One line of a .rels part (Open Packaging Conventions 9.3). */
export interface Relationship {
  readonly type: string
  /** The part's name without the leading slash; the target as written when it is outside. */
  readonly target: string
  readonly isExternal: boolean
}

const largestPart = 32 * 1024 * 1024
const mostRelationships = 100_000

/** The part of this name; OPC compares names without case. */
export function findPart(zip: ZipArchive, name: string): ZipEntry | undefined {
  return zip.find(name) ?? zip.entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase())
}

/** Reads a part as XML; says so and answers false when it is none. Damage of the archive is left to its own check. */
export async function readXmlPart(
  zip: ZipArchive,
  entry: ZipEntry,
  visitor: XmlVisitor,
  findings: DriverFindingList,
): Promise<boolean> {
  if (entry.uncompressedSize > largestPart) {
    findings.add('driver-hlk-part-too-large', entry.name, entry.uncompressedSize, largestPart)
    return false
  }
  const fault = await readXml(zip.open(entry), visitor)
  if (fault !== undefined) findings.add('driver-hlk-bad-xml', entry.name, fault)
  return fault === undefined
}

/** Relationships of a source part, or of the package itself for ''. A missing .rels part gives none. */
export async function readRelationships(
  zip: ZipArchive,
  source: string,
  findings: DriverFindingList,
): Promise<Relationship[]> {
  const entry = findPart(zip, relationshipsPart(source))
  if (entry === undefined) return []
  const relationships: Relationship[] = []
  const visitor: XmlVisitor = {
    open(name, attributes, path) {
      if (name !== 'Relationship' || path.length !== 1 || relationships.length >= mostRelationships) return
      const isExternal = attributes.get('TargetMode') === 'External'
      const target = attributes.get('Target') ?? ''
      const type = attributes.get('Type') ?? ''
      relationships.push({ type, target: isExternal ? target : resolvePart(source, target), isExternal })
    },
  }
  await readXmlPart(zip, entry, visitor, findings)
  return relationships
}

export function relationshipsPart(source: string): string {
  const slash = source.lastIndexOf('/') + 1
  return `${source.slice(0, slash)}_rels/${source.slice(slash)}.rels`
}

/** A target is relative to the folder of its source, or absolute in the package. */
function resolvePart(source: string, target: string): string {
  const folder = target.startsWith('/') ? '' : source.slice(0, source.lastIndexOf('/') + 1)
  const parts: string[] = []
  for (const part of `${folder}${decode(target)}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function decode(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}
