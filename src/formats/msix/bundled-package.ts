import type { BundledPackage, BundleManifest } from './bundle-manifest.ts'
import { parsePublisher, sameName } from './distinguished-name.ts'
import type { Say } from './findings.ts'
import type { Manifest } from './manifest-types.ts'
import type { PackageReport } from './package.ts'
import { compareQuads, parseQuad } from './version.ts'

/** A package of a bundle: what the bundle says of it, and what it says itself. */
export interface InnerPackage {
  readonly listed: BundledPackage
  /** Undefined when the package was not there or was no package. */
  readonly report: PackageReport | undefined
}

/** What the bundle says of a package must be what the package says of itself. */
export function compareWithBundle(
  listed: BundledPackage,
  { identity: bundle }: BundleManifest,
  { identity, kind, resources, properties }: Manifest,
  say: Say,
): void {
  const { fileName } = listed
  const differs = (what: string, here: string, there: string): void =>
    say('msix-bundle-package-differs', `its ${what} is "${there}", the bundle says "${here}"`, fileName)
  if (identity.name.toLowerCase() !== bundle.name.toLowerCase()) differs('name', bundle.name, identity.name)
  if (!samePublisher(identity.publisher, bundle.publisher)) {
    differs('publisher', bundle.publisher, identity.publisher)
  }
  if (!sameVersion(identity.version, listed.version)) differs('version', listed.version, identity.version)
  if (identity.architecture.toLowerCase() !== listed.architecture.toLowerCase()) {
    differs('architecture', listed.architecture, identity.architecture)
  }
  if (identity.resourceId.toLowerCase() !== listed.resourceId.toLowerCase()) {
    differs('resource id', listed.resourceId, identity.resourceId)
  }
  if (kind === 'framework') {
    say('msix-bundle-framework', 'the package is a framework', fileName)
  } else {
    const type = properties.resourcePackage ? 'resource' : 'application'
    if (type !== listed.type) differs('type', listed.type, type)
  }
  for (const [what, here, there] of [
    ['languages', listed.resources.languages, resources.languages],
    ['scales', listed.resources.scales, resources.scales],
  ] as const) {
    if (sameSet(here, there)) continue
    const lists = `its ${what} are ${shown(there)}, the bundle says ${shown(here)}`
    say('msix-bundle-resources-differ', lists, fileName)
  }
}

function samePublisher(a: string, b: string): boolean {
  const [first, second] = [parsePublisher(a), parsePublisher(b)]
  return first === undefined || second === undefined ? a === b : sameName(first, second)
}

function sameVersion(a: string, b: string): boolean {
  const [first, second] = [parseQuad(a), parseQuad(b)]
  return first === undefined || second === undefined ? a === b : compareQuads(first, second) === 0
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const folded = new Set(a.map((each) => each.toLowerCase()))
  return a.length === b.length && b.every((each) => folded.has(each.toLowerCase()))
}

const shown = (values: readonly string[]): string => (values.length === 0 ? 'none' : values.join(', '))
