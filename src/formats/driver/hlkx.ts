import { openZip } from '../containers/zip.ts'
import type { ZipArchive } from '../containers/zip-types.ts'
import type { Fact, Inspection, InspectionLimits, Reader } from '../types.ts'
import { collectDriverFindings, type DriverFindingList } from './findings.ts'
import { findPart, type Relationship, readRelationships, readXmlPart, relationshipsPart } from './opc.ts'
import { inspectOpcSignature } from './opc-signature.ts'
import { packageInfoVisitor } from './package-info.ts'

const contentTypesPart = '[Content_Types].xml'
const usualPackageInfo = 'hck/data/PackageInfo.xml'

/**
 * Inspects an HLK or HCK package (microsoft-hardware.md 3.6 and 8.4): an OPC archive with the results of the tests
 * and the tested drivers. Facts: `container`, `entries`, `packageInfo`, `signature`.
 */
export async function inspectHlkx(
  reader: Reader,
  limits: InspectionLimits,
): Promise<Omit<Inspection, 'sound'>> {
  const findings = collectDriverFindings()
  const zip = await openZip(reader, limits)
  if (zip.isZip64) findings.add('driver-hlk-zip64', undefined)
  const isTrustworthy = zip.findings.every(({ severity }) => severity !== 'error')
  // Entries that overlap or lie about their sizes would be read as often as they claim.
  const damage = isTrustworthy ? await zip.verify() : []
  const isReadable = isTrustworthy && damage.every(({ severity }) => severity !== 'error')
  const facts = isReadable ? await inspectParts(zip, findings) : {}
  return {
    format: 'driver',
    facts: { container: 'hlkx', entries: zip.entries.length, ...facts },
    findings: [...zip.findings, ...damage, ...findings.all()],
  }
}

async function inspectParts(
  zip: ZipArchive,
  findings: DriverFindingList,
): Promise<{ readonly [name: string]: Fact }> {
  await checkContentTypes(zip, findings)
  const root = await readRelationships(zip, '', findings)
  checkTargets(zip, root, findings)
  const packageInfo = await readPackageInfo(zip, root, findings)
  return { packageInfo, signature: await inspectOpcSignature(zip, root, findings) }
}

async function checkContentTypes(zip: ZipArchive, findings: DriverFindingList) {
  const entry = findPart(zip, contentTypesPart)
  if (entry === undefined) {
    findings.add('driver-hlk-no-content-types', contentTypesPart)
    return
  }
  let root: string | undefined
  const isXml = await readXmlPart(
    zip,
    entry,
    {
      open(name, _, path) {
        if (path.length === 0) root = name
      },
    },
    findings,
  )
  if (isXml && root !== 'Types') findings.add('driver-hlk-no-content-types', contentTypesPart)
}

function checkTargets(zip: ZipArchive, root: readonly Relationship[], findings: DriverFindingList) {
  if (findPart(zip, relationshipsPart('')) === undefined)
    findings.add('driver-hlk-no-relationships', relationshipsPart(''))
  const names = new Set(zip.entries.map(({ name }) => name.toLowerCase()))
  for (const { target, isExternal } of root) {
    if (!isExternal && !names.has(target.toLowerCase())) findings.add('driver-hlk-missing-part', target)
  }
}

/** The part is told by its relationship, whose host is misspelt in many packages; else by its usual name. */
async function readPackageInfo(
  zip: ZipArchive,
  root: readonly Relationship[],
  findings: DriverFindingList,
): Promise<Fact> {
  const related = root.find(({ type }) => type.toLowerCase().endsWith('/packageinfo'))
  const entry = (related && findPart(zip, related.target)) ?? findPart(zip, usualPackageInfo)
  if (entry === undefined) {
    findings.add('driver-hlk-no-package-info', usualPackageInfo)
    return null
  }
  const { visitor, facts } = packageInfoVisitor()
  if (!(await readXmlPart(zip, entry, visitor, findings))) {
    findings.add('driver-hlk-no-package-info', entry.name)
    return null
  }
  const { isPackage, ...info } = facts()
  if (!isPackage) {
    findings.add('driver-hlk-no-package-info', entry.name)
    return null
  }
  if (info.osCodes.length === 0) findings.add('driver-hlk-no-os-codes', entry.name)
  const { failed = 0, notRun = 0 } = info.testRollup ?? {}
  if (failed > 0) findings.add('driver-hlk-failed-tests', entry.name, failed)
  if (notRun > 0) findings.add('driver-hlk-tests-not-run', entry.name, notRun)
  return info
}
