import { ZipError } from '../../../containers/zip-error.ts'
import { type ApkArchive, type ApkEntry, readEntry } from '../../archive/apk-archive.ts'
import { Malformed } from '../../byte-cursor.ts'
import { readCertificate } from '../certificate.ts'
import type { Remark } from '../refusal.ts'
import { readSignedData } from './pkcs7.ts'
import { isBlockName, signatureFolder } from './verify-jar.ts'

const mostBlocks = 10
const mostBytes = 1024 ** 2

/**
 * JAR signature blocks that Android does not read, for newer schemes suffice, and that name others than the
 * package's signers: whoever reads them first takes the package for somebody else's (fdroidserver issue 1128).
 * @param known SHA-256 of the certificates that signed, of all schemes and of the lineage
 */
export async function staleSignatures(archive: ApkArchive, known: ReadonlySet<string>): Promise<Remark[]> {
  const blocks = archive.entries.filter(({ name }) => name.startsWith(signatureFolder) && isBlockName(name))
  const remarks: Remark[] = []
  for (const block of blocks.slice(0, mostBlocks)) {
    const detail = await strangeness(archive, block, known)
    if (detail !== undefined) remarks.push({ code: 'apk-v1-stale', detail, target: block.name })
  }
  return remarks
}

async function strangeness(
  archive: ApkArchive,
  block: ApkEntry,
  known: ReadonlySet<string>,
): Promise<string | undefined> {
  try {
    const { certificates } = readSignedData(await readEntry(archive, block, mostBytes))
    const stranger = certificates
      .map((encoded) => readCertificate(encoded))
      .find(({ sha256 }) => !known.has(sha256))
    return stranger === undefined
      ? undefined
      : `it has the certificate ${stranger.sha256}, which did not sign the package`
  } catch (error) {
    if (error instanceof Malformed || error instanceof ZipError) return 'it is not readable as a signature'
    if (error instanceof RangeError) return 'it is too large for a signature'
    throw error
  }
}
