import type { Fact } from '../types.ts'
import type { BundleReport } from './bundle.ts'
import type { InnerPackage } from './bundled-package.ts'
import { formatName } from './distinguished-name.ts'
import { familyName } from './family-name.ts'
import { storeArchitecture } from './identity.ts'
import type { Manifest } from './manifest-types.ts'
import type { PackageReport } from './package.ts'
import type { Signer } from './signature.ts'

export type Facts = { readonly [name: string]: Fact }

const architectureOf = (text: string): string => storeArchitecture(text.toLowerCase()) ?? text

const signatureFacts = (signed: boolean, signer: Signer | undefined): Facts => ({
  signed,
  signer:
    signer === undefined
      ? null
      : {
          subject: formatName(signer.subject),
          issuer: formatName(signer.issuer),
          sha256: signer.sha256,
          serialNumber: signer.serialNumber,
          notBefore: signer.notBefore,
          notAfter: signer.notAfter,
          selfSigned: signer.selfSigned,
          timestamped: signer.timestamped,
        },
})

const identityFacts = (name: string, publisher: string, version: string): Facts => ({
  name,
  publisher,
  version,
  familyName: name === '' || publisher === '' ? null : familyName(name, publisher),
})

/** Facts of a package (docs/formats/msix.md). */
export function packageFacts({ manifest, signed, signer }: PackageReport): Facts {
  const signature = signatureFacts(signed, signer)
  if (manifest === undefined) return { kind: 'package', ...signature }
  const { identity, properties, kind, resources } = manifest
  const architecture = architectureOf(identity.architecture)
  return {
    kind: 'package',
    packageKind: kind,
    ...identityFacts(identity.name, identity.publisher, identity.version),
    architecture,
    architectures: [architecture],
    resourceId: identity.resourceId,
    displayName: properties.displayName ?? null,
    publisherDisplayName: properties.publisherDisplayName ?? null,
    scales: resources.scales,
    ...contentFacts([manifest]),
    ...signature,
  }
}

/** Facts of a bundle: its own, and those of its application packages taken together. */
export function bundleFacts({ manifest, packages, signed, signer }: BundleReport): Facts {
  const signature = signatureFacts(signed, signer)
  if (manifest === undefined) return { kind: 'bundle', ...signature }
  const { name, publisher, version } = manifest.identity
  const applications = packages.filter(({ listed }) => listed.type === 'application')
  const manifests = applications.flatMap(({ report }) => report?.manifest ?? [])
  const everyManifest = packages.flatMap(({ report }) => report?.manifest ?? [])
  const architectures = unique(applications.map(({ listed }) => architectureOf(listed.architecture)))
  const properties = manifests[0]?.properties
  return {
    kind: 'bundle',
    ...identityFacts(name, publisher, version),
    architecture: (architectures.length === 1 ? architectures[0] : undefined) ?? 'Neutral',
    architectures,
    displayName: properties?.displayName ?? null,
    publisherDisplayName: properties?.publisherDisplayName ?? null,
    ...contentFacts(manifests),
    languages: unique([
      ...packages.flatMap(({ listed }) => listed.resources.languages),
      ...everyManifest.flatMap(({ resources }) => resources.languages),
    ]),
    packages: packages.map(innerFacts),
    ...signature,
  }
}

function innerFacts({ listed, report }: InnerPackage): Facts {
  return {
    fileName: listed.fileName,
    type: listed.type,
    version: listed.version,
    architecture: architectureOf(listed.architecture),
    resourceId: listed.resourceId,
    languages: listed.resources.languages,
    scales: listed.resources.scales,
    offset: listed.offset ?? null,
    size: listed.size ?? null,
    inspected: report !== undefined,
    signed: report?.signed ?? null,
  }
}

function contentFacts(manifests: readonly Manifest[]): Facts {
  const capabilities = manifests.flatMap((each) => each.capabilities)
  const restricted = capabilities.filter(({ kind }) => kind === 'restricted')
  const families = new Map(
    manifests.flatMap((each) => each.deviceFamilies).map((each) => [JSON.stringify(each), each] as const),
  )
  const applications = new Map(
    manifests.flatMap((each) => each.applications).map((each) => [each.id, each] as const),
  )
  return {
    languages: unique(manifests.flatMap(({ resources }) => resources.languages)),
    capabilities: unique(capabilities.map(({ name }) => name)),
    restrictedCapabilities: unique(restricted.map(({ name }) => name)),
    targetDeviceFamilies: [...families.values()].map(({ name, minVersion, maxVersionTested }) => ({
      name,
      minVersion,
      maxVersionTested,
    })),
    osMinVersion: manifests[0]?.osMinVersion ?? null,
    packageDependencies: unique(
      manifests.flatMap((each) => each.packageDependencies.map(({ name }) => name)),
    ),
    mainPackages: unique(manifests.flatMap((each) => each.mainPackages)),
    applications: [...applications.values()].map(
      ({ id, executable, entryPoint, startPage, displayName }) => ({
        id,
        executable: executable ?? null,
        entryPoint: entryPoint ?? null,
        startPage: startPage ?? null,
        displayName: displayName ?? null,
      }),
    ),
  }
}

const longestText = 8192
const mostItems = 10_000

/** Facts are stored: a manifest of megabytes must not make facts of megabytes. */
export function bounded(facts: Facts): Facts {
  const bound = (fact: Fact | undefined): Fact => {
    if (typeof fact === 'string') return fact.slice(0, longestText)
    if (fact === undefined || fact === null || typeof fact !== 'object') return fact ?? null
    if (isList(fact)) return fact.slice(0, mostItems).map(bound)
    return Object.fromEntries(Object.entries(fact).map(([name, value]) => [name, bound(value)]))
  }
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, bound(fact)]))
}

const isList = (fact: Fact): fact is readonly Fact[] => Array.isArray(fact)

/** Without those that differ in letter case only. */
function unique(values: readonly string[]): string[] {
  const seen = new Map<string, string>()
  for (const value of values) if (!seen.has(value.toLowerCase())) seen.set(value.toLowerCase(), value)
  return [...seen.values()]
}
