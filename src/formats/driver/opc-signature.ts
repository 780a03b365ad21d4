import type { ZipArchive } from '../containers/zip-types.ts'
import type { Fact } from '../types.ts'
import { certificateFacts, readCertificate, type SigningCertificate } from './certificate.ts'
import type { DriverFindingList } from './findings.ts'
import { findPart, type Relationship, readRelationships, readXmlPart } from './opc.ts'

const digitalSignature = 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature'
const largestCertificate = 64 * 1024
const mostSignatures = 10

/**
 * Facts of an OPC digital signature (microsoft-hardware.md 8.4): whether there is one, who signed, when, by which
 * algorithm. The XML signature itself is not verified, and a finding says so.
 */
export async function inspectOpcSignature(
  zip: ZipArchive,
  root: readonly Relationship[],
  findings: DriverFindingList,
): Promise<{ readonly [name: string]: Fact }> {
  const origin = root.find(({ type }) => type === `${digitalSignature}/origin`)
  const fromOrigin = origin === undefined ? [] : await readRelationships(zip, origin.target, findings)
  const parts = fromOrigin.filter(({ type }) => type === `${digitalSignature}/signature`)
  if (parts.length === 0) {
    findings.add('driver-hlk-unsigned', undefined)
    return { present: false }
  }
  const signatures: Fact[] = []
  for (const { target } of parts.slice(0, mostSignatures))
    signatures.push(await inspectPart(zip, target, findings))
  findings.add('driver-hlk-signature-unverified', undefined)
  return { present: true, isVerified: false, chainTrusted: false, signatures }
}

async function inspectPart(zip: ZipArchive, name: string, findings: DriverFindingList): Promise<Fact> {
  const entry = findPart(zip, name)
  if (entry === undefined) {
    findings.add('driver-hlk-missing-part', name)
    return { part: name, signer: null }
  }
  const texts = new Map<string, string>()
  let method: string | null = null
  let references = 0
  let current = ''
  await readXmlPart(
    zip,
    entry,
    {
      open(element, attributes) {
        current = element
        if (element === 'SignatureMethod') method = attributes.get('Algorithm') ?? null
        if (element === 'Reference') references += 1
      },
      text(text) {
        if (current !== 'X509Certificate' && current !== 'Value') return
        const so = texts.get(current) ?? ''
        if (so.length < largestCertificate * 2) texts.set(current, so + text)
      },
      close() {
        current = ''
      },
    },
    findings,
  )
  const certificate = await findCertificate(zip, name, texts.get('X509Certificate'), findings)
  if (certificate === undefined) findings.add('driver-hlk-no-certificate', name)
  return {
    part: name,
    signatureMethod: method,
    signatureTime: texts.get('Value')?.trim().slice(0, 64) ?? null,
    references,
    signer: certificate === undefined ? null : certificateFacts(certificate),
  }
}

/** In a part of its own, or inside the signature. */
async function findCertificate(
  zip: ZipArchive,
  signature: string,
  embedded: string | undefined,
  findings: DriverFindingList,
): Promise<SigningCertificate | undefined> {
  const related = await readRelationships(zip, signature, findings)
  const part = related.find(({ type }) => type === `${digitalSignature}/certificate`)
  const entry = part && findPart(zip, part.target)
  if (part !== undefined && entry === undefined) findings.add('driver-hlk-missing-part', part.target)
  if (entry !== undefined && entry.uncompressedSize <= largestCertificate) {
    const certificate = readCertificate(await zip.read(entry, largestCertificate))
    if (certificate !== undefined) return certificate
  }
  return embedded === undefined ? undefined : readCertificate(Buffer.from(embedded, 'base64'))
}
