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
  'driver-not-a-package': error(
    () => 'The file is neither a cabinet (.cab) nor an HLK or HCK package (.hlkx, .hckx).',
  ),
  'driver-bytes-outside': error(
    () =>
      'There are bytes before or after the signed cabinet. Upload the cabinet alone: nothing vouches for the rest.',
  ),
  'driver-files-at-root': error(
    (names: string) =>
      `There are files at the root of the cabinet: ${names}. Put each driver package in a folder of its own.`,
  ),
  'driver-no-folder': error(
    () => 'The cabinet has no driver folder. Put each driver package in a folder of its own.',
  ),
  'driver-no-inf': error(
    (names: string) =>
      `No inf files found in driver directory/directories: ${names}. Each driver folder needs an INF file.`,
  ),
  'driver-nested-folder': error(
    () => 'The folder lies inside a driver folder. Keep the files of a driver package flat in its folder.',
  ),
  'driver-path-too-long': error(
    (length: number, limit: number) =>
      `The path has ${length} characters; at most ${limit} are allowed. Use shorter names.`,
  ),
  'driver-path-impossible': error(
    () =>
      'Windows cannot create a file of this name (reserved names, <>"|?*, control characters, a dot or blank at the end).',
  ),
  'driver-unc-path': error(
    (path: string) => `The INF takes files from the network path ${path}. Use paths inside the package.`,
  ),
  'driver-architectures-differ': error(
    (own: string, other: string, expected: string) =>
      `The driver supports ${own} where ${other} supports ${expected}. All driver folders must support the same architectures.`,
  ),
  'driver-too-many-infs': error(
    (count: number, limit: number) => `The package has ${count} INF files; at most ${limit} are read.`,
  ),
  'driver-file-missing': error(
    (file: string) =>
      `The INF names the file ${file}, which is not in its folder. Add the file or remove the line.`,
  ),
  'driver-file-not-listed': error(
    (file: string) => `CopyFiles takes ${file}, which [SourceDisksFiles] does not list. Add it there.`,
  ),
  'driver-catalog-absent': notice(
    (file: string) =>
      `The catalog ${file} is not in the folder. It is replaced on signing, so it may be left out.`,
  ),
  'driver-inf-too-large': error(() => 'The INF file is too large to be read whole. Split it.'),
  'driver-inf-syntax': warning(
    (line: number, what: 'outside' | 'header' | 'quote') => `Line ${line}: ${syntax[what]}.`,
  ),
  'driver-inf-version-missing': error(
    () => 'The INF file has no [Version] section, so it is not a driver INF.',
  ),
  'driver-inf-signature': error(
    (value: string | null) => `Signature is ${shown(value)}; write Signature="$WINDOWS NT$".`,
  ),
  'driver-inf-class': error(() => 'Class is missing. Name the device setup class, such as Class=System.'),
  'driver-inf-class-guid': error(
    (value: string | null) => `ClassGuid is ${shown(value)}; write the GUID of the class in braces.`,
  ),
  'driver-inf-provider': error(() => 'Provider is missing or empty. Name who provides the driver.'),
  'driver-inf-driver-ver-missing': error(
    () => 'DriverVer is missing. Run StampInf, or write DriverVer=mm/dd/yyyy,w.x.y.z.',
  ),
  'driver-inf-driver-ver': error(
    (value: string) =>
      `DriverVer is ${shown(value)}; write a date and up to four numbers not above 65535 (mm/dd/yyyy,w.x.y.z).`,
  ),
  'driver-inf-catalog': error(
    () => 'CatalogFile is missing. Name the catalog, such as CatalogFile=driver.cat.',
  ),
  'driver-inf-pnp-lockdown': warning(
    () => 'PnpLockdown is not 1, so other programs could change the driver files.',
  ),
  'driver-inf-extension-class': error(
    () => 'Class Extension and ClassGuid {e2f84ce7-8efa-411c-aa69-97454ca4cb57} belong together.',
  ),
  'driver-inf-extension-id': error(() => 'An extension INF needs ExtensionId with a GUID in braces.'),
  'driver-inf-no-models': error(
    () => 'The INF installs nothing: it has no [Manufacturer] entries and no [DefaultInstall] section.',
  ),
  'driver-inf-template': error(
    (text: string) =>
      `${shown(text)} was not filled in. Run StampInf on the .inx template and submit its result.`,
  ),
  'driver-inf-decoration': error(
    (text: string) => `${shown(text)} is no target operating system. Write one such as NTamd64.10.0...16299.`,
  ),
  'driver-inf-models-missing': warning(
    (name: string) => `The models section [${clip(name)}] does not exist, so that Windows is not supported.`,
  ),
  'driver-inf-install-missing': warning(
    (name: string) => `The install section [${clip(name)}] of a model does not exist.`,
  ),
  'driver-inf-no-hardware-id': warning(
    (description: string) => `The model ${shown(description)} has no hardware id.`,
  ),
  'driver-inf-undefined-string': warning(
    (text: string) => `${shown(text)} uses a string that [Strings] does not define.`,
  ),
  'driver-facts-truncated': notice(() => 'Not all models of the package are recorded; there are too many.'),
  'driver-hlk-zip64': error(
    () => 'File is using Zip64(4gb+file Size). Remove what the package does not need until it is below 4 GB.',
  ),
  'driver-hlk-no-content-types': error(
    () =>
      'The package has no [Content_Types].xml, so it is not an HLK or HCK package. Create it with HLK Studio.',
  ),
  'driver-hlk-no-relationships': error(
    () => 'The package has no _rels/.rels, so its parts cannot be found. Create it with HLK Studio.',
  ),
  'driver-hlk-missing-part': error(
    () => 'The package refers to this part but does not contain it. Create it again.',
  ),
  'driver-hlk-no-package-info': error(
    () =>
      'Unable to extract and upload PackageInfo.xml. Submit a package that HLK Studio created and signed.',
  ),
  'driver-hlk-bad-xml': error(
    (why: string) => `The part is not XML that is read here: ${clip(why)}. Create the package again.`,
  ),
  'driver-hlk-part-too-large': error(
    (size: number, limit: number) => `The part has ${size} bytes; at most ${limit} are read.`,
  ),
  'driver-hlk-unsigned': error(
    () => 'The package is not signed. Sign it in HLK Studio with the certificate registered to the account.',
  ),
  'driver-hlk-no-certificate': error(() => 'The signature does not come with the certificate of its signer.'),
  'driver-hlk-signature-unverified': notice(
    () =>
      'The package has a digital signature; who signed was recorded, the signature itself was not verified.',
  ),
  'driver-hlk-no-os-codes': warning(() => 'The package names no operating system that it was tested for.'),
  'driver-hlk-failed-tests': warning(
    (count: number) =>
      `${count} tests failed. Such a package goes to manual review or is refused; add an erratum or a filter.`,
  ),
  'driver-hlk-tests-not-run': warning((count: number) => `${count} tests were not run.`),
  'driver-findings-omitted': notice(
    (count: number, code: string) => `${count} more findings of the kind ${code} are not listed.`,
  ),
}

const clip = (text: string) => text.slice(0, 100)
const shown = (text: string | null) => (text === null ? 'missing' : `“${clip(text)}”`)

const syntax = {
  outside: 'text stands before the first section and is ignored; make it a comment (;)',
  header: 'the section header is not closed (])',
  quote: 'a quoted string is not closed (")',
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
