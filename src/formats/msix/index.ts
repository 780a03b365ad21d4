import { openZip } from '../containers/zip.ts'
import { defaultLimits, type Format, type Reader } from '../types.ts'
import { type FindSibling, inspectBundle } from './bundle.ts'
import { containerFindings, kindOf } from './container.ts'
import { bounded, bundleFacts, type Facts, packageFacts } from './facts.ts'
import { MsixFindings } from './findings.ts'
import { LimitsLeft } from './limits-left.ts'
import { inspectPackage } from './package.ts'
import { inspectUpload } from './upload.ts'

/**
 * MSIX and AppX packages, bundles of them, and the uploads that Partner Center takes. What a file is, is told by
 * what is in it, not by its name. Facts and findings: docs/formats/msix.md.
 */
export const msix: Format = {
  name: 'msix',
  extensions: ['.appx', '.msix', '.appxbundle', '.msixbundle', '.appxupload', '.msixupload'],
  async inspect(reader, limits = defaultLimits) {
    const findings = new MsixFindings()
    const alone: FindSibling = () => Promise.resolve(undefined)
    const facts = await inspectArchive(reader, new LimitsLeft(limits), findings, alone, true)
    const list = findings.list()
    return {
      format: 'msix',
      sound: !list.some(({ severity }) => severity === 'error'),
      facts: bounded(facts),
      findings: list,
    }
  },
}

async function inspectArchive(
  reader: Reader,
  limits: LimitsLeft,
  findings: MsixFindings,
  findSibling: FindSibling,
  mayBeUpload: boolean,
): Promise<Facts> {
  const archive = await openZip(reader, limits.now())
  findings.addAll(containerFindings(archive))
  // Entries that overlap or lie about their size could be read for ever.
  if (archive.findings.some(({ severity }) => severity === 'error')) return {}
  const source = { reader, archive }
  const kind = kindOf(archive)
  switch (kind) {
    case 'package':
      return packageFacts(await inspectPackage(source, limits.now(), findings, false))
    case 'bundle':
      return bundleFacts(await inspectBundle(source, limits, findings, findSibling))
    case 'two-manifests':
      findings.say('msix-two-manifests', 'it has the manifests of a package and of a bundle')
      return {}
    case 'package-without-manifest':
      findings.say('msix-manifest-missing', 'the package has no AppxManifest.xml')
      return { kind: 'package' }
    case 'bundle-without-manifest':
      findings.say('msix-bundle-manifest-missing', 'the bundle has no AppxMetadata/AppxBundleManifest.xml')
      return { kind: 'bundle' }
    case 'upload':
      if (mayBeUpload) {
        const inspectContent = (inner: Reader, innerFindings: MsixFindings, find: FindSibling) =>
          inspectArchive(inner, limits, innerFindings, find, false)
        return inspectUpload(source, findings, inspectContent)
      }
  }
  findings.say('msix-not-a-package', 'it is neither a package nor a bundle nor an upload of one')
  return {}
}
