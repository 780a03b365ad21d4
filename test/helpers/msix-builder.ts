import { createHash, hash as hashOf } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import { type MsixSigner, type SignatureLies, type SignerHash, signDigests } from './msix-signer.ts'
import { buildZip, type ZipOptions, type ZipSpec } from './zip-builder.ts'

type Content = Uint8Array | string
type Tamper = (xml: string) => string | undefined

/** What packages and bundles have in common; every part may be replaced by a lie. */
interface ArchiveOptions {
  readonly hash?: SignerHash
  /** Changes AppxBlockMap.xml; undefined leaves it out. */
  readonly blockMap?: Tamper
  /** Changes [Content_Types].xml; undefined leaves it out. */
  readonly contentTypes?: Tamper
  /** Changes the archive's entries after the block map was made of them, before they are signed. */
  readonly entries?: (entries: ZipSpec[]) => ZipSpec[]
  /** Changes the archive's entries after they were signed. */
  readonly afterSigning?: (entries: ZipSpec[]) => ZipSpec[]
  readonly zip?: ZipOptions
  readonly signer?: MsixSigner
  readonly signature?: SignatureLies
}

export interface MsixOptions extends ArchiveOptions {
  readonly name?: string
  readonly publisher?: string
  readonly version?: string
  readonly architecture?: string | undefined
  readonly resourceId?: string
  /** XML of the whole manifest; undefined leaves the file out. */
  readonly manifest?: Tamper
  /** Content by Windows path; replaces the usual program and logos. */
  readonly files?: Readonly<Record<string, Content>>
  readonly resource?: boolean
  readonly languages?: readonly string[]
  readonly scales?: readonly string[]
  readonly families?: string
  /** Ends compressed files without a last block, as MakeMSIX does. */
  readonly unterminated?: boolean
  /** Adds the 2021 schema's hash of each whole file. */
  readonly fileHash?: boolean
  /** Compresses a file as one stream whose blocks depend on each other. */
  readonly dependentBlocks?: boolean
  /** Adds AppxMetadata/CodeIntegrity.cat. */
  readonly catalog?: Content
}

export const contoso = 'CN=Contoso Software, O="Contoso, Ltd", C=US'

const defaultFiles = {
  'App.exe': 'MZ the program',
  'Assets\\StoreLogo.png': 'PNG store logo',
  'Assets\\Square150x150Logo.scale-200.png': 'PNG medium tile',
  'Assets\\Square44x44Logo.png': 'PNG small tile',
}

const families =
  '<TargetDeviceFamily Name="Windows.Desktop" MinVersion="10.0.17763.0" MaxVersionTested="10.0.22621.0"/>'

export const namespaces = [
  'xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"',
  'xmlns:uap="http://schemas.microsoft.com/appx/manifest/uap/windows10"',
  'xmlns:rescap="http://schemas.microsoft.com/appx/manifest/foundation/windows10/restrictedcapabilities"',
].join(' ')

/** A sound manifest of an application or, with `resource`, of a resource package. */
export function manifestXml(options: MsixOptions = {}): string {
  const { name = 'Contoso.App', publisher = contoso, version = '1.2.3.0', resource = false } = options
  const architecture = 'architecture' in options ? options.architecture : resource ? undefined : 'x64'
  const attributes = [
    `Name="${name}"`,
    `Publisher="${escapeXml(publisher)}"`,
    `Version="${version}"`,
    ...(architecture === undefined ? [] : [`ProcessorArchitecture="${architecture}"`]),
    ...(options.resourceId === undefined ? [] : [`ResourceId="${options.resourceId}"`]),
  ]
  const resources = [
    ...(options.languages ?? ['en-US']).map((each) => `<Resource Language="${each}"/>`),
    ...(options.scales ?? []).map((each) => `<Resource uap:Scale="${each}"/>`),
  ]
  return `<?xml version="1.0" encoding="utf-8"?>
<Package ${namespaces} IgnorableNamespaces="uap rescap">
  <Identity ${attributes.join(' ')}/>
  <Properties>
    ${resource ? '<ResourcePackage>true</ResourcePackage>' : ''}
    <DisplayName>Contoso App</DisplayName>
    <PublisherDisplayName>Contoso</PublisherDisplayName>
    <Logo>Assets\\StoreLogo.png</Logo>
  </Properties>
  <Resources>${resources.join('')}</Resources>
  <Dependencies>${options.families ?? families}</Dependencies>
  ${resource ? '' : applicationsXml}
</Package>`
}

const applicationsXml = `<Capabilities><rescap:Capability Name="runFullTrust"/></Capabilities>
  <Applications>
    <Application Id="App" Executable="App.exe" EntryPoint="Windows.FullTrustApplication">
      <uap:VisualElements DisplayName="Contoso App" Description="An app" BackgroundColor="transparent"
        Square150x150Logo="Assets\\Square150x150Logo.png" Square44x44Logo="Assets\\Square44x44Logo.png"/>
    </Application>
  </Applications>`

/** Builds a package: sound unless told otherwise, signed when there is a signer. */
export function buildMsix(options: MsixOptions = {}): Uint8Array {
  const { resource = false } = options
  const own = options.files ?? (resource ? { 'resources.pri': 'resources' } : defaultFiles)
  const xml = (options.manifest ?? ((text) => text))(manifestXml(options))
  const files: [string, Content][] = Object.entries(own)
  if (xml !== undefined) files.push(['AppxManifest.xml', xml])
  const packed = files.map(([path, content]) => pack(path, content, options))
  const extra: ZipSpec[] =
    options.catalog === undefined
      ? []
      : [{ name: 'AppxMetadata/CodeIntegrity.cat', content: options.catalog }]
  return buildArchive(packed, packed, extra, 'package', options)
}

interface Packed {
  readonly path: string
  readonly spec: ZipSpec
  readonly content: Buffer
  /** Compressed bytes of each block; undefined for stored files. */
  readonly sizes: readonly number[] | undefined
}

const blockSize = 64 * 1024

/** The name a packer gives the entry of a file. */
export const encodeName = (path: string): string =>
  encodeURI(path.replaceAll('\\', '/')).replace(
    /[!'();@&=+$,#]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  )

function pack(path: string, text: Content, options: MsixOptions): Packed {
  const content = Buffer.from(text)
  const base = {
    name: encodeName(path),
    content,
    descriptor: 'wide',
    zip64: true,
    versionMadeBy: 45,
  } as const
  if (content.length === 0 || /\.(?:png|appx|msix)$/i.test(path)) {
    return { path, content, sizes: undefined, spec: { ...base, method: 'stored' } }
  }
  const blocks: Buffer[] = []
  for (let at = 0; at < content.length; at += blockSize) {
    blocks.push(deflateRawSync(content.subarray(at, at + blockSize), { finishFlush: constants.Z_FULL_FLUSH }))
  }
  const sizes = blocks.map((block) => block.length)
  if (options.dependentBlocks === true) {
    const stream = deflateRawSync(content)
    const each = Math.floor(stream.length / sizes.length)
    const cut = sizes.map((_, index) => (index === 0 ? stream.length - each * (sizes.length - 1) : each))
    return { path, content, sizes: cut, spec: { ...base, data: stream } }
  }
  const end = options.unterminated === true ? [] : [Buffer.of(3, 0)]
  return { path, content, sizes, spec: { ...base, data: Buffer.concat([...blocks, ...end]) } }
}

const hashMethods: Record<SignerHash, string> = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
}

function blockMapXml(files: readonly Packed[], hash: SignerHash, fileHash: boolean): string {
  const list = files.map(({ path, spec, content, sizes }) => {
    const blocks: string[] = []
    for (let at = 0; at < content.length; at += blockSize) {
      const digest = hashOf(hash, content.subarray(at, at + blockSize), 'base64')
      const size = sizes === undefined ? '' : ` Size="${sizes[at / blockSize]}"`
      blocks.push(`<Block Hash="${digest}"${size}/>`)
    }
    if (fileHash) blocks.push(`<b4:FileHash Hash="${hashOf(hash, content, 'base64')}"/>`)
    const lfhSize = 30 + spec.name.length
    const attributes = `Name="${escapeXml(path)}" Size="${content.length}" LfhSize="${lfhSize}"`
    return `<File ${attributes}>${blocks.join('')}</File>`
  })
  const b4 = 'xmlns:b4="http://schemas.microsoft.com/appx/2021/blockmap" IgnorableNamespaces="b4"'
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<BlockMap xmlns="http://schemas.microsoft.com/appx/2010/blockmap" ${fileHash ? b4 : ''} HashMethod="${hashMethods[hash]}">${list.join('')}</BlockMap>`
}

function contentTypesXml(files: readonly Packed[], kind: 'package' | 'bundle'): string {
  const manifest = kind === 'bundle' ? 'bundlemanifest' : 'manifest'
  const types = new Map([['xml', `application/vnd.ms-appx.${manifest}+xml`]])
  const overrides: string[] = []
  for (const { path, spec } of files) {
    const extension = /\.([^.\\]+)$/.exec(path)?.[1]
    if (extension === undefined) overrides.push(`/${spec.name}`)
    else if (!types.has(extension)) types.set(extension, 'application/octet-stream')
  }
  const override = (name: string, type: string) => `<Override PartName="${name}" ContentType="${type}"/>`
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${[
    ...[...types].map(([extension, type]) => `<Default Extension="${extension}" ContentType="${type}"/>`),
    ...overrides.map((name) => override(name, 'application/octet-stream')),
    override('/AppxBlockMap.xml', 'application/vnd.ms-appx.blockmap+xml'),
    override('/AppxSignature.p7x', 'application/vnd.ms-appx.signature'),
    override('/AppxMetadata/CodeIntegrity.cat', 'application/vnd.ms-pkiseccat'),
  ].join('')}</Types>`
}

const keep: Tamper = (xml) => xml

function buildArchive(
  files: readonly Packed[],
  mapped: readonly Packed[],
  extra: readonly ZipSpec[],
  kind: 'package' | 'bundle',
  options: ArchiveOptions & { readonly fileHash?: boolean },
): Uint8Array {
  const hash = options.hash ?? 'sha256'
  const blockMap = (options.blockMap ?? keep)(blockMapXml(mapped, hash, options.fileHash === true))
  const contentTypes = (options.contentTypes ?? keep)(contentTypesXml(files, kind))
  const zip = { zip64: true, ...options.zip }
  let entries: ZipSpec[] = files.map(({ spec }) => spec)
  if (blockMap !== undefined) entries.push({ name: 'AppxBlockMap.xml', content: blockMap })
  if (contentTypes !== undefined) entries.push({ name: '[Content_Types].xml', content: contentTypes })
  entries.push(...extra)
  entries = options.entries?.(entries) ?? entries
  if (options.signer !== undefined) {
    const digests = digestsOf(entries, zip, options.signature?.hash ?? hash)
    const lies = { hash, kind, ...options.signature }
    const content = signDigests(digests, options.signer, lies)
    entries.push({ name: 'AppxSignature.p7x', content })
  }
  return buildZip(options.afterSigning?.(entries) ?? entries, zip)
}

/** The digests of an archive that has no signature yet. */
function digestsOf(entries: readonly ZipSpec[], zip: ZipOptions, hash: SignerHash): Map<string, Uint8Array> {
  const bytes = Buffer.from(buildZip(entries, zip))
  const end64 = bytes.lastIndexOf('PK\x06\x06', undefined, 'latin1')
  const directory =
    end64 >= 0 && zip.zip64 === true
      ? Number(bytes.readBigUInt64LE(end64 + 48))
      : bytes.readUInt32LE(bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  const digest = (content: Content) => createHash(hash).update(content).digest()
  const digests = new Map<string, Uint8Array>([
    ['AXPC', digest(bytes.subarray(0, directory))],
    ['AXCD', digest(bytes.subarray(directory))],
  ])
  for (const [tag, name] of [
    ['AXCT', '[Content_Types].xml'],
    ['AXBM', 'AppxBlockMap.xml'],
    ['AXCI', 'AppxMetadata/CodeIntegrity.cat'],
  ] as const) {
    const content = entries.find((entry) => entry.name === name)?.content
    if (content !== undefined) digests.set(tag, digest(content))
  }
  return digests
}

/** One package of a bundle; what is left out is taken from the package's own options. */
export interface BundledSpec extends MsixOptions {
  readonly fileName: string
  /** In place of a package built from the other options. */
  readonly bytes?: Uint8Array
  /** The Package element in place of the true one; undefined leaves the package unlisted. */
  readonly listed?: (xml: string) => string | undefined
  /** Lists the package without putting it into the bundle. */
  readonly external?: boolean
  readonly compressed?: boolean
}

export interface BundleOptions extends ArchiveOptions {
  readonly name?: string
  readonly publisher?: string
  readonly version?: string
  /** Namespace year of the manifest. */
  readonly schema?: number
  readonly manifest?: Tamper
  readonly packages?: readonly BundledSpec[]
}

const defaultPackages: readonly BundledSpec[] = [
  { fileName: 'App_x64.msix', architecture: 'x64' },
  { fileName: 'App_arm64.msix', architecture: 'arm64' },
  { fileName: 'App_language-de.msix', resource: true, resourceId: 'split.language-de', languages: ['de-DE'] },
]

/** Builds a bundle: of two applications and a language unless told otherwise. */
export function buildBundle(options: BundleOptions = {}): Uint8Array {
  const packed: Packed[] = []
  const elements: string[] = []
  let offset = 0
  for (const spec of options.packages ?? defaultPackages) {
    const bytes = spec.bytes ?? buildMsix({ ...inherited(options), ...spec })
    const file = pack(spec.fileName, bytes, {})
    const headerSize = 30 + file.spec.name.length
    const xml = packageXml(spec, spec.external === true ? undefined : offset + headerSize, bytes.length)
    const listed = spec.listed === undefined ? xml : spec.listed(xml)
    if (listed !== undefined) elements.push(listed)
    if (spec.external === true) continue
    const method = spec.compressed === true ? ({ method: 'deflate' } as const) : {}
    packed.push({ ...file, spec: { ...file.spec, ...method } })
    offset += headerSize + bytes.length + 24
  }
  const { name = 'Contoso.App', publisher = contoso, version = '2024.101.0.0', schema = 2013 } = options
  const xml = (options.manifest ?? keep)(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<Bundle xmlns="http://schemas.microsoft.com/appx/${schema}/bundle" SchemaVersion="3.0">
  <Identity Name="${name}" Publisher="${escapeXml(publisher)}" Version="${version}"/>
  <Packages>${elements.join('')}</Packages>
</Bundle>`)
  const manifest = xml === undefined ? [] : [pack('AppxMetadata\\AppxBundleManifest.xml', xml, {})]
  return buildArchive([...packed, ...manifest], manifest, [], 'bundle', options)
}

const inherited = ({ name, publisher }: BundleOptions): MsixOptions => ({
  ...(name === undefined ? {} : { name }),
  ...(publisher === undefined ? {} : { publisher }),
})

function packageXml(spec: BundledSpec, offset: number | undefined, size: number): string {
  const { resource = false, version = '1.2.3.0', languages = ['en-US'], scales = [] } = spec
  const architecture = spec.architecture ?? (resource ? undefined : 'x64')
  const attributes = [
    `Type="${resource ? 'resource' : 'application'}"`,
    `Version="${version}"`,
    ...(architecture === undefined ? [] : [`Architecture="${architecture}"`]),
    ...(spec.resourceId === undefined ? [] : [`ResourceId="${spec.resourceId}"`]),
    `FileName="${escapeXml(spec.fileName)}"`,
    ...(offset === undefined ? [] : [`Offset="${offset}"`]),
    `Size="${size}"`,
  ]
  const resources = [
    ...languages.map((each) => `<Resource Language="${each}"/>`),
    ...scales.map((each) => `<Resource Scale="${each}"/>`),
  ]
  return `<Package ${attributes.join(' ')}><Resources>${resources.join('')}</Resources></Package>`
}

/** Builds an upload: a plain ZIP, its content stored unless `compressed`. */
export function buildUpload(
  files: Readonly<Record<string, Content>> = { 'App.msixbundle': buildBundle(), 'App.appxsym': 'PK symbols' },
  compressed = false,
): Uint8Array {
  const method = compressed ? 'deflate' : 'stored'
  return buildZip(Object.entries(files).map(([name, content]) => ({ name, content, method })))
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
