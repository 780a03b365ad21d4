import { makeSigner, type Signer } from './cab-signer.ts'
import { buildZip, type ZipOptions } from './zip-builder.ts'

const hardware = 'http://microsoft.com/schemas/windows/kits/hardware/2010'
const signatures = 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature'
const relationshipNamespace = 'http://schemas.openxmlformats.org/package/2006/relationships'

export interface HlkxOptions {
  readonly osCodes?: readonly string[]
  readonly productTypes?: readonly string[]
  readonly rollup?: { readonly passed: number; readonly failed: number; readonly notRun: number }
  /** Parts that replace or (undefined) remove the usual ones, by name. */
  readonly parts?: Readonly<Record<string, string | Uint8Array | undefined>>
  /** False for an unsigned package. */
  readonly signer?: Signer | false
  /** Where the certificate is: a part of its own, or inside the signature. */
  readonly certificate?: 'part' | 'embedded'
  readonly zip?: ZipOptions
}

/** PackageInfo.xml as HLK Studio writes it (microsoft-hardware.md 8.4). */
export function packageInfo(options: HlkxOptions = {}): string {
  const { osCodes = ['WINDOWS_v100_X64_GE_FULL', 'WINDOWS_v100_ARM64_GE_FULL'], productTypes = ['LAN'] } =
    options
  const { passed, failed, notRun } = options.rollup ?? { passed: 12, failed: 0, notRun: 0 }
  return `<?xml version="1.0" encoding="utf-8"?>
<Package Type="SubmissionPackage" KitVersion="10.1.26100.1" PackageVersion="1" PackageFormatVersion="2"
    IsWindowsDriverProject="True" CreationDate="2026-05-01T10:00:00" xmlns="${hardware}">
  <Project Name="Contoso adapter" CreationDate="2026-04-01T00:00:00">
    <ProductInstances>
      <ProductInstance Status="Completed">
        <OperatingSystem Architecture="X64"><Codes>${osCodes.map((code) => `<Code Name="${code}"/>`).join('')}</Codes></OperatingSystem>
        <Features><Feature FullName="Device.Network.LAN.Base"/></Features>
        <ProductTypes>${productTypes.map((type) => `<ProductType Name="${type}"/>`).join('')}</ProductTypes>
        <Targets><Target Key="PCI\\VEN_1234&amp;DEV_5678" DriverStatus="Signed" Name="Contoso adapter" TargetType="Device">
          <Driver Id="1" ReplacesId="0"/></Target></Targets>
      </ProductInstance>
    </ProductInstances>
    <TestRollup Passed="${passed}" Failed="${failed}" NotRun="${notRun}"/>
  </Project>
</Package>`
}

/** An HLK package: sound and signed, or with the faults asked for. The XML signature itself is not made. */
export async function buildHlkx(options: HlkxOptions = {}): Promise<Uint8Array> {
  const signer = options.signer === false ? undefined : (options.signer ?? (await makeSigner()))
  const embedded = options.certificate === 'embedded'
  const parts: Record<string, string | Uint8Array | undefined> = {
    '[Content_Types].xml': contentTypes,
    '_rels/.rels': relationships([
      [`${hardware}/packageinfo`, '/hck/data/PackageInfo.xml'],
      [`${hardware.replace('schemas', 'shcemas')}/packageinfo`, '/hck/data/PackageInfo.xml'],
      [`${hardware}/coredata`, 'hck/data/1000'],
      ...(signer === undefined
        ? []
        : ([[`${signatures}/origin`, '/package/services/digital-signature/origin.psdsor']] as const)),
    ]),
    'hck/data/PackageInfo.xml': packageInfo(options),
    'hck/data/1000': 'test data',
    ...(signer === undefined ? {} : signatureParts(signer, embedded)),
    ...options.parts,
  }
  const entries = Object.entries(parts).flatMap(([name, content]) =>
    content === undefined ? [] : [{ name, content }],
  )
  return buildZip(entries, options.zip)
}

function signatureParts(signer: Signer, embedded: boolean): Record<string, string | Uint8Array> {
  const folder = 'package/services/digital-signature'
  const certificate = `${folder}/certificate/contoso.cer`
  const signature = `${folder}/xml-signature/1.psdsxs`
  return {
    [`${folder}/origin.psdsor`]: '',
    [`${folder}/_rels/origin.psdsor.rels`]: relationships([
      [`${signatures}/signature`, 'xml-signature/1.psdsxs'],
    ]),
    [signature]: xmlSignature(embedded ? signer.certificate.toString('base64') : undefined),
    ...(embedded
      ? {}
      : {
          [`${folder}/xml-signature/_rels/1.psdsxs.rels`]: relationships([
            [`${signatures}/certificate`, `/${certificate}`],
          ]),
          [certificate]: signer.certificate,
        }),
  }
}

const contentTypes = `<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/octet"/><Override PartName="/hck/data/1000" ContentType="application/octet"/></Types>`

export function relationships(list: readonly (readonly [type: string, target: string])[]): string {
  const lines = list.map(
    ([type, target], i) => `<Relationship Type="${type}" Target="${target}" Id="R${i}"/>`,
  )
  return `<?xml version="1.0" encoding="utf-8"?><Relationships xmlns="${relationshipNamespace}">${lines.join('')}</Relationships>`
}

function xmlSignature(certificate: string | undefined): string {
  const key =
    certificate === undefined
      ? ''
      : `<KeyInfo><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo>`
  return `<Signature Id="packageSignature" xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#idPackageObject"/></SignedInfo>
<SignatureValue>AAAA</SignatureValue>${key}<Object Id="idPackageObject"><Manifest><Reference URI="/hck/data/1000?ContentType=application/octet"/></Manifest>
<SignatureProperties><SignatureProperty><mdssi:SignatureTime xmlns:mdssi="http://schemas.openxmlformats.org/package/2006/digital-signature"><mdssi:Format>YYYY-MM-DDThh:mm:ssTZD</mdssi:Format><mdssi:Value>2026-05-01T10:00:00Z</mdssi:Value></mdssi:SignatureTime></SignatureProperty></SignatureProperties></Object></Signature>`
}
