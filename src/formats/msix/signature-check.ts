import { centralDirectoryDigest } from './central-directory-digest.ts'
import { formatName, parsePublisher, sameName } from './distinguished-name.ts'
import { footprintKey } from './file-name.ts'
import type { Say } from './findings.ts'
import { footprint } from './footprint.ts'
import type { Parts } from './parts.ts'
import { RecordDigest } from './record-digest.ts'
import { type DigestTag, digestTags } from './signature.ts'

const target = footprint.signature

/**
 * The digest of the archive's records, to be fed while the payload is verified; undefined when the package is not
 * signed or the signature's place makes its digests meaningless.
 */
export function recordDigestFor({ source, signature, signatureEntry }: Parts): RecordDigest | undefined {
  if (signature === undefined || signatureEntry === undefined) return undefined
  const isLast = source.archive.entries.every((each) => each.headerOffset <= signatureEntry.headerOffset)
  return isLast ? new RecordDigest(source.reader, signature.hashName) : undefined
}

/** Judges the signature once everything else was read; `records` was fed on the way. */
export async function judgeSignature(
  parts: Parts,
  records: RecordDigest | undefined,
  kind: 'package' | 'bundle',
  publisher: string | undefined,
  say: Say,
): Promise<void> {
  const { signature, signatureEntry, source, blockMap, files } = parts
  const hasCatalog = files.has(footprintKey(footprint.codeIntegrity))
  if (signatureEntry === undefined && hasCatalog) {
    say('msix-catalog-unsigned', 'it has a code integrity catalog but no signature', footprint.codeIntegrity)
  }
  if (signature === undefined || signatureEntry === undefined) return
  if (signature.kind !== kind) {
    say('msix-signature-kind', `it is the signature of a ${signature.kind}, not of a ${kind}`, target)
  }
  if (blockMap !== undefined && blockMap.hashName !== signature.hashName) {
    const names = `its digests are ${signature.hashName}, the block map’s hashes are ${blockMap.hashName}`
    say('msix-signature-hash-method', names, target)
  }
  if (!signature.genuine) {
    say('msix-signature-forged', 'its signer’s certificate does not confirm it', target)
  }
  const computed = new Map(parts.fileDigests)
  if (records === undefined) {
    say('msix-signature-not-last', 'it is not the last file of the archive', target)
  } else {
    const extent = source.archive.extent(signatureEntry)
    await records.advance(signatureEntry.headerOffset)
    records.skip(extent?.end ?? 0)
    await records.advance(source.archive.centralDirectoryOffset)
    computed.set('AXPC', records.digest())
    const directory = await centralDirectoryDigest(source, signatureEntry, signature.hashName)
    if (directory !== undefined) computed.set('AXCD', directory)
  }
  judgeDigests(signature.digests, computed, records !== undefined, hasCatalog, say)
  judgePublisher(signature.signer.subject, publisher, say)
}

function judgeDigests(
  signed: ReadonlyMap<DigestTag, Uint8Array>,
  computed: ReadonlyMap<DigestTag, Buffer>,
  archiveToo: boolean,
  hasCatalog: boolean,
  say: Say,
): void {
  for (const tag of Object.keys(digestTags) as DigestTag[]) {
    const wanted = signed.get(tag)
    const actual = computed.get(tag)
    const what = `${digestTags[tag]} (${tag})`
    if (!archiveToo && (tag === 'AXPC' || tag === 'AXCD')) continue
    if (wanted === undefined) {
      if (tag !== 'AXCI' || actual !== undefined) {
        say('msix-signature-digest-missing', `it does not cover ${what}`, target)
      }
    } else if (actual === undefined) {
      // That another of the files is missing or unreadable was said when it was read.
      if (tag === 'AXCI' && !hasCatalog)
        say('msix-signature-digest', `it covers ${what}, which is missing`, target)
    } else if (!actual.equals(wanted)) {
      const isFile = tag !== 'AXPC' && tag !== 'AXCD'
      say(
        'msix-signature-digest',
        `it was made for other bytes of ${what}`,
        isFile ? digestTags[tag] : target,
      )
    }
  }
}

type NameParts = Parameters<typeof formatName>[0]

function judgePublisher(subject: NameParts, publisher: string | undefined, say: Say): void {
  const wanted = publisher === undefined ? undefined : parsePublisher(publisher)
  if (wanted === undefined || sameName(wanted, subject)) return
  const names = `its signer is ${formatName(subject)}, the manifest’s Publisher is ${publisher}`
  say('msix-signature-publisher', names, target)
}
