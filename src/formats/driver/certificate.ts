import { createHash, X509Certificate } from 'node:crypto'
import { Certificate, type CertificatePolicies } from 'pkijs'
import type { Fact } from '../types.ts'

/** A certificate, read once by each library: Node verifies with it, PKI.js tells its extensions. */
export interface SigningCertificate {
  readonly x509: X509Certificate
  readonly pkijs: Certificate
  readonly der: Uint8Array
}

const codeSigning = '1.3.6.1.5.5.7.3.3'
const certificatePolicies = '2.5.29.32'
/** CA/Browser Forum "EV code signing", and DigiCert's own from before the forum had one. */
const evPolicies = new Set(['2.23.140.1.3', '2.16.840.1.114412.3.2'])

/** undefined when the bytes are no certificate that both libraries read. */
export function readCertificate(der: Uint8Array): SigningCertificate | undefined {
  try {
    return { der, x509: new X509Certificate(der), pkijs: Certificate.fromBER(der) }
  } catch {
    return undefined
  }
}

export function isForCodeSigning({ x509 }: SigningCertificate): boolean {
  return (x509.keyUsage ?? []).includes(codeSigning)
}

export function hasEvPolicy({ pkijs }: SigningCertificate): boolean {
  const extension = pkijs.extensions?.find(({ extnID }) => extnID === certificatePolicies)
  const parsed = extension?.parsedValue as CertificatePolicies | undefined
  const policies = Array.isArray(parsed?.certificatePolicies) ? parsed.certificatePolicies : []
  return policies.some(({ policyIdentifier }) => evPolicies.has(policyIdentifier))
}

export function isSelfSigned({ x509 }: SigningCertificate): boolean {
  try {
    return x509.checkIssued(x509) && x509.verify(x509.publicKey)
  } catch {
    return false
  }
}

/** Certificates looked through for issuers; real signatures bring two to six. */
const mostIssuers = 30

/** The signer first, then whoever issued it, as far as the given certificates tell. */
export function chainOf(
  signer: SigningCertificate,
  certificates: readonly SigningCertificate[],
): SigningCertificate[] {
  const others = certificates.slice(0, mostIssuers)
  const chain = [signer]
  for (let last = signer; !isSelfSigned(last) && chain.length <= others.length; ) {
    const issuer = others.find((other) => !chain.includes(other) && isIssuedBy(last, other))
    if (issuer === undefined) break
    chain.push(issuer)
    last = issuer
  }
  return chain
}

function isIssuedBy(certificate: SigningCertificate, issuer: SigningCertificate): boolean {
  try {
    return certificate.x509.checkIssued(issuer.x509) && certificate.x509.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}

/** What is stored of a certificate: names as `CN=…, O=…`, hexadecimal in upper case, times in ISO 8601. */
export function certificateFacts(certificate: SigningCertificate): { readonly [name: string]: Fact } {
  const { x509, der } = certificate
  return {
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    serialNumber: x509.serialNumber,
    sha1Thumbprint: thumbprint(der, 'sha1'),
    sha256Thumbprint: thumbprint(der, 'sha256'),
    notBefore: isoTime(x509.validFromDate),
    notAfter: isoTime(x509.validToDate),
    isForCodeSigning: isForCodeSigning(certificate),
    hasEvPolicy: hasEvPolicy(certificate),
    isSelfSigned: isSelfSigned(certificate),
  }
}

const longestName = 1000

/** Node gives one attribute a line, the country first. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').toReversed().join(', ').slice(0, longestName)
}

function thumbprint(der: Uint8Array, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(der).digest('hex').toUpperCase()
}

export function isoTime(time: Date): string | null {
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}
