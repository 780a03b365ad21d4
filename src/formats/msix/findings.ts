import { shownName } from '../containers/zip-findings.ts'
import type { Finding, Severity } from '../types.ts'

interface Rule {
  readonly severity: Severity
  /** `detail` is a whole clause that starts in lower case and says what was found. */
  readonly message: (detail: string) => string
}

const longestDetail = 600

const rule = (severity: Severity, advice: string): Rule => ({
  severity,
  message: (detail) => `${detail[0]?.toUpperCase() ?? ''}${detail.slice(1)}. ${advice}`,
})

const packAgain = 'Pack again with MakeAppx or another MSIX packer.'
const signAgain = 'Sign the package again after its last change, or upload it unsigned.'
const fixManifest = 'Correct AppxManifest.xml and pack again.'
const bundleAgain = 'Build the bundle again from its packages.'

/**
 * Everything the MSIX reader has to say about packages, bundles and uploads; docs/formats/msix.md says when and
 * on what evidence. The ZIP container's own findings stand beside these.
 */
export const msixRules = {
  'msix-not-a-package': rule('error', 'Upload an .msix, .appx, bundle or upload file.'),
  'msix-manifest-missing': rule('error', packAgain),
  'msix-two-manifests': rule('error', packAgain),
  'msix-part-too-large': rule('error', 'No sound package has one of that size.'),
  'msix-file-name': rule('error', 'Rename the file to something Windows accepts.'),
  'msix-file-name-unencoded': rule('warning', 'Packers store it percent-encoded.'),
  'msix-file-twice': rule('error', 'Windows takes them for the same file; keep one.'),
  'msix-folder-entry': rule('warning', 'Packers store files only.'),
  'msix-reserved-folder': rule('warning', 'Windows keeps this folder for itself; use another.'),

  'msix-xml-malformed': rule('error', 'Make it well-formed XML with namespaces.'),
  'msix-xml-doctype': rule('error', 'Remove the document type declaration.'),
  'msix-xml-root': rule('error', 'Use the root element and namespace of the published schema.'),

  'msix-content-types-missing': rule('error', packAgain),
  'msix-content-types-invalid': rule('error', packAgain),
  'msix-content-type-missing': rule('error', 'Give its extension a Default, or the part an Override.'),
  'msix-content-type-unexpected': rule('warning', packAgain),

  'msix-block-map-missing': rule('error', packAgain),
  'msix-block-map-invalid': rule('error', packAgain),
  'msix-block-map-hash-method': rule('error', 'Use SHA-256, SHA-384 or SHA-512.'),
  'msix-block-map-file-twice': rule('error', packAgain),
  'msix-block-map-footprint': rule('error', packAgain),
  'msix-block-map-extra-file': rule('error', packAgain),
  'msix-block-map-unlisted-file': rule('error', packAgain),
  'msix-block-map-size': rule('error', packAgain),
  'msix-block-map-block-count': rule('error', packAgain),
  'msix-block-map-hash': rule('error', 'It was changed after packing. Pack again.'),
  'msix-block-map-file-hash': rule('error', 'It was changed after packing. Pack again.'),
  'msix-block-map-compressed-size': rule('error', packAgain),
  'msix-block-map-header-size': rule('error', packAgain),
  'msix-block-not-independent': rule('warning', 'Compress each block of 64 KiB on its own.'),

  'msix-manifest-element-missing': rule('error', fixManifest),
  'msix-manifest-element-repeated': rule('error', fixManifest),
  'msix-manifest-attribute-missing': rule('error', fixManifest),
  'msix-manifest-namespace-unknown': rule('error', 'Remove it or declare its prefix in IgnorableNamespaces.'),
  'msix-identity-name': rule('error', 'Use 3 to 50 letters, digits, "." and "-", as reserved in the Store.'),
  'msix-identity-publisher': rule('error', 'Use the publisher the Store gave you, such as "CN=…".'),
  'msix-identity-version': rule('error', 'Use four numbers from 0 to 65535, such as 1.2.3.0.'),
  'msix-identity-architecture': rule('error', 'Use x86, x64, arm, arm64, x86a64 or neutral.'),
  'msix-identity-resource-id': rule('error', 'Use up to 30 letters, digits, "." and "-".'),
  'msix-version-revision': rule('warning', 'The fourth number belongs to the Store; leave it 0.'),
  'msix-version-major': rule('warning', 'The Store wants a first number above 0.'),
  'msix-property-invalid': rule('error', fixManifest),
  'msix-package-kind-conflict': rule('error', fixManifest),
  'msix-package-kind-content': rule('error', fixManifest),
  'msix-optional-package-content': rule('warning', 'Declare it in the main package.'),
  'msix-resource-invalid': rule('error', fixManifest),
  'msix-resource-placeholder': rule('warning', 'List the languages; only a project file may leave it open.'),
  'msix-device-family-invalid': rule('error', fixManifest),
  'msix-device-family-unknown': rule('warning', 'Check its spelling.'),
  'msix-device-family-none': rule('error', 'Name a device family such as Windows.Desktop.'),
  'msix-version-range': rule('error', fixManifest),
  'msix-prerequisite-invalid': rule('error', fixManifest),
  'msix-dependency-invalid': rule('error', fixManifest),
  'msix-capability-invalid': rule('error', fixManifest),
  'msix-capability-unknown': rule('error', 'Check its spelling, or the namespace it is declared in.'),
  'msix-capability-unlisted': rule('warning', 'Check its spelling, or the namespace it is declared in.'),
  'msix-capability-twice': rule('error', 'Declare it once.'),
  'msix-capability-restricted': rule('notice', 'Its use must be approved before the Store publishes it.'),
  'msix-application-invalid': rule('error', fixManifest),
  'msix-application-twice': rule('error', 'Give every application its own Id.'),
  'msix-application-no-entry': rule('warning', 'It can not be started.'),
  'msix-referenced-file-missing': rule('error', 'Add the file to the package or correct the manifest.'),
  'msix-extension-file-missing': rule('warning', 'Add the file to the package or correct the manifest.'),
  'msix-referenced-image-missing': rule('warning', 'Add the image to the package or correct the manifest.'),

  'msix-signature-invalid': rule('error', signAgain),
  'msix-signature-not-last': rule('error', signAgain),
  'msix-signature-kind': rule('error', signAgain),
  'msix-signature-hash-method': rule('error', 'Sign with the digest the block map uses (signtool /fd).'),
  'msix-signature-digest-missing': rule('error', signAgain),
  'msix-signature-digest': rule('error', signAgain),
  'msix-signature-forged': rule('error', signAgain),
  'msix-signature-publisher': rule('error', 'Sign with the certificate of the manifest’s Publisher.'),
  'msix-catalog-unsigned': rule('warning', 'Windows refuses it unless the Store signs the package.'),

  'msix-bundle-manifest-missing': rule('error', bundleAgain),
  'msix-bundle-manifest-invalid': rule('error', bundleAgain),
  'msix-bundle-file-name': rule('error', bundleAgain),
  'msix-bundle-package-twice': rule('error', bundleAgain),
  'msix-bundle-no-application': rule('error', 'Add the app’s own package to the bundle.'),
  'msix-bundle-neutral-conflict': rule('error', 'Keep one neutral application package.'),
  'msix-bundle-architecture-twice': rule('warning', 'Windows installs only one of them.'),
  'msix-bundle-package-missing': rule('error', bundleAgain),
  'msix-bundle-package-external': rule('warning', 'It was not inspected; upload it beside the bundle.'),
  'msix-bundle-package-unlisted': rule('error', bundleAgain),
  'msix-bundle-package-compressed': rule('error', 'Packages in a bundle are stored without compression.'),
  'msix-bundle-package-offset': rule('error', bundleAgain),
  'msix-bundle-package-size': rule('error', bundleAgain),
  'msix-bundle-package-differs': rule('error', bundleAgain),
  'msix-bundle-resources-differ': rule('warning', bundleAgain),
  'msix-bundle-framework': rule('error', 'Name the framework as a dependency.'),
  'msix-bundle-application-empty': rule('warning', 'Windows expects one that can be started.'),
  'msix-bundle-old-system': rule('warning', 'Raise OSMinVersion and OSMaxVersionTested to 6.3.'),

  'msix-upload-several': rule(
    'error',
    'Upload one package or bundle at a time, or one bundle of all of them.',
  ),
  'msix-upload-nested': rule('error', 'Put the package itself into the upload.'),
  'msix-upload-extra-file': rule('warning', 'The Store ignores it; leave it out.'),
  'msix-upload-too-slow': rule('error', 'Store the package in the upload without compression.'),
} satisfies Record<string, Rule>

export type MsixCode = keyof typeof msixRules

/** Says one thing about a package: what was found, and where. */
export type Say = (code: MsixCode, detail: string, target?: string) => void

const mostOfOneCode = 25

/** Gathers findings, a bounded number of each code, and names inner packages in their targets. */
export class MsixFindings {
  readonly #list: Finding[]
  readonly #counts: Map<string, number>
  readonly #prefix: string

  constructor(parent?: MsixFindings, inner?: string) {
    this.#list = parent === undefined ? [] : parent.#list
    this.#counts = parent === undefined ? new Map() : parent.#counts
    this.#prefix = parent === undefined ? '' : `${parent.#prefix}${inner ?? ''}!`
  }

  readonly say: Say = (code, detail, target) => {
    const { severity, message } = msixRules[code]
    const shown = shownName(detail.slice(0, 256)) + shownName(detail.slice(256, longestDetail))
    this.#add({ code, severity, message: message(shown), ...(target === undefined ? {} : { target }) })
  }

  /** Findings of the ZIP container. */
  readonly addAll = (findings: readonly Finding[]): void => {
    for (const finding of findings) this.#add(finding)
  }

  /** Findings of a package inside this one go to the same list, their targets as `inner.msix!AppxManifest.xml`. */
  inside(name: string): MsixFindings {
    return new MsixFindings(this, name)
  }

  list(): Finding[] {
    const result = [...this.#list]
    for (const [code, count] of this.#counts) {
      const last = result.findLast((finding) => finding.code === code)
      if (count <= mostOfOneCode || last === undefined) continue
      const message = `${count - mostOfOneCode} more findings of this kind are not listed.`
      result.push({ code, severity: last.severity, message })
    }
    return result
  }

  #add(finding: Finding): void {
    const count = (this.#counts.get(finding.code) ?? 0) + 1
    this.#counts.set(finding.code, count)
    if (count > mostOfOneCode) return
    const target = finding.target === undefined ? this.#prefix.slice(0, -1) : this.#prefix + finding.target
    const { code, severity, message } = finding
    this.#list.push({ code, severity, message, ...(target === '' ? {} : { target: shownName(target) }) })
  }
}
