import { collectFindings, error, type FindingList, notice, warning } from '../containers/cab-finding-list.ts'

/** Everything the driver reader has to say beyond the containers. The page docs/formats/driver.md explains each code. */
export const driverFindings = {
  'driver-unsigned': error(
    () =>
      'The cabinet is not signed. Sign it with the code signing certificate registered to the account (signtool sign /fd sha256).',
  ),
  'driver-signature-location': error(
    () =>
      'The cabinet points to a signature that is not where one can be: right after the cabinet. Sign it again.',
  ),
  'driver-signature-unreadable': error(
    () =>
      'The signature is not a PKCS#7 Authenticode signature of a cabinet. Sign it again with signtool or osslsigncode.',
  ),
  'driver-signature-algorithm': error(
    (algorithm: string) =>
      `Cab Signature validation failed with error: 0x80090008. The signature uses ${algorithm}; sign with SHA-256 (/fd sha256).`,
  ),
  'driver-signature-digest': error(
    () => 'The cabinet was changed after it was signed: its digest is not the signed one. Sign it last.',
  ),
  'driver-signature-signers': error(
    (count: number) => `The signature has ${count} signers where exactly one is allowed.`,
  ),
  'driver-signature-no-certificate': error(
    () => 'The signature does not carry the certificate of its signer. Sign with the certificate included.',
  ),
  'driver-signature-invalid': error(
    (part: 'algorithm' | 'attributes' | 'value') =>
      `The signature does not hold: ${faults[part]}. Sign the cabinet again.`,
  ),
  'driver-signature-purpose': error(
    () =>
      'The signing certificate is not for code signing (extended key usage 1.3.6.1.5.5.7.3.3 is missing).',
  ),
  'driver-signature-expired': error(
    (time: string) =>
      `The signature was stamped at ${time}, when the certificate was not valid. Sign with a valid certificate.`,
  ),
  'driver-signature-timestamp': warning(
    () => 'The time-stamp on the signature cannot be verified. Stamp it again (signtool /tr … /td sha256).',
  ),
  'driver-signature-no-timestamp': notice(
    () =>
      'The signature has no time-stamp, so it ends with its certificate. Add one (signtool /tr … /td sha256).',
  ),
  'driver-signature-not-ev': notice(
    () => 'The signing certificate does not state an EV code signing policy.',
  ),
  'driver-signature-chain': notice((isSelfSigned: boolean) =>
    isSelfSigned
      ? 'The signing certificate is self-signed; trust to a root was not established.'
      : 'Whether the signing certificate leads to a trusted root was not checked.',
  ),
  'driver-findings-omitted': notice(
    (count: number, code: string) => `${count} more findings of the kind ${code} are not listed.`,
  ),
}

const faults = {
  algorithm: 'its digest algorithm is unknown',
  attributes: 'the signed attributes are not of this content',
  value: 'its value was not made with the key of the certificate',
}

export interface DriverFindingList extends FindingList<typeof driverFindings> {
  /** How many errors there are so far. */
  errors(): number
}

export function collectDriverFindings(): DriverFindingList {
  const list = collectFindings(driverFindings, 'driver-findings-omitted')
  return { ...list, errors: () => list.all().filter(({ severity }) => severity === 'error').length }
}
