import { defaultLimits, type InspectionLimits, type Reader } from '../types.ts'
import { type CabFindingList, collectCabFindings } from './cab-findings.ts'
import { planFolders } from './cab-layout.ts'
import { locateCabinet, readerFrom } from './cab-locate.ts'
import { checkCabNames } from './cab-names.ts'
import { readCabTables } from './cab-tables.ts'
import { type Cabinet, emptyHead } from './cab-types.ts'
import { unpackFolders } from './cab-unpack.ts'

/**
 * Opens a cabinet ([MS-CAB]; microsoft-hardware.md 8.1): reads its tables and judges them. Bad content is said in
 * findings, never thrown; when there is no cabinet at all the answer is one without files and with an error.
 *
 * Memory: the tables (at most 65,535 files of 255-byte names) and, while unpacking, one megabyte of input and the
 * window of the compression (at most 2 MiB).
 */
export async function openCab(reader: Reader, limits: InspectionLimits = defaultLimits): Promise<Cabinet> {
  const findings = collectCabFindings()
  const baseOffset = await locateCabinet(reader, (offset) =>
    hasSoundTables(readerFrom(reader, offset), limits),
  )
  if (baseOffset === undefined) {
    findings.add('cab-not-a-cabinet', undefined)
    return nothing(findings)
  }
  if (baseOffset > 0) findings.add('cab-leading-bytes', undefined, baseOffset)
  const cabinet = readerFrom(reader, baseOffset)
  const tables = await readCabTables(cabinet, limits, findings)
  checkCabNames(tables.files, findings)
  checkTrailingBytes(tables.reserve, tables.size, cabinet.size, findings)
  // A set's folders start or end in another file, so the part at hand proves nothing.
  const dataEnd = Math.min(tables.size, cabinet.size)
  const plans = tables.isMultiVolume ? [] : planFolders(tables, dataEnd, limits, findings)
  const { end: _, ...fields } = tables
  return {
    ...fields,
    baseOffset,
    findings: findings.all(),
    async readFolders(visitor) {
      const found = collectCabFindings()
      const { dataReserve } = tables
      await unpackFolders(plans, visitor, {
        reader: cabinet,
        cabinetEnd: dataEnd,
        dataReserve,
        limits,
        findings: found,
      })
      return found.all()
    },
  }
}

async function hasSoundTables(reader: Reader, limits: InspectionLimits): Promise<boolean> {
  const findings = collectCabFindings()
  await readCabTables(reader, limits, findings)
  return findings.all().every(({ severity }) => severity !== 'error')
}

function nothing(findings: CabFindingList): Cabinet {
  return { ...emptyHead, baseOffset: 0, findings: findings.all(), readFolders: async () => [] }
}

/** An Authenticode signature follows the cabinet and is announced in its reserved area (microsoft-hardware.md 8.2). */
function checkTrailingBytes(reserve: Uint8Array, size: number, available: number, findings: CabFindingList) {
  const extent = signatureExtent(reserve)
  const end = extent !== undefined && extent.offset === size ? size + extent.length : size
  if (available > end && size > 0) findings.add('cab-trailing-bytes', undefined, available - end)
}

/** Where the cabinet says that its Authenticode signature is, from the start of the cabinet; undefined when unsigned. */
export function signatureExtent(reserve: Uint8Array): { offset: number; length: number } | undefined {
  if (reserve.length < 20) return undefined
  const view = new DataView(reserve.buffer, reserve.byteOffset, reserve.length)
  const [mark, offset, length] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)]
  return mark === 0x0010_0000 && length > 0 ? { offset, length } : undefined
}
