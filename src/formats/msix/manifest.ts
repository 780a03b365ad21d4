import type { Say } from './findings.ts'
import { footprint } from './footprint.ts'
import { readApplications } from './manifest-applications.ts'
import { readCapabilities } from './manifest-capabilities.ts'
import {
  judgeFamilies,
  readDeviceFamilies,
  readMainPackages,
  readPackageDependencies,
  readPrerequisites,
} from './manifest-dependencies.ts'
import { readIdentity } from './manifest-identity.ts'
import { readProperties, readResources } from './manifest-properties.ts'
import type { FileReference, Manifest, PackageKind, Properties } from './manifest-types.ts'
import { isMicrosoft, windows8, windows10 } from './namespaces.ts'
import { attribute, parseXml, type XmlDocument, type XmlElement } from './xml.ts'

const base = `${footprint.manifest}#/Package`

/** Reads AppxManifest.xml; undefined when it is no manifest at all. What it has wrong, `say` is told. */
export function readManifest(bytes: Uint8Array, say: Say): Manifest | undefined {
  const document = parseXml(bytes, footprint.manifest, say)
  if (document === undefined) return undefined
  const { root } = document
  const generation = root.uri === windows10 ? 'windows10' : root.uri === windows8 ? 'windows8' : undefined
  if (root.local !== 'Package' || generation === undefined) {
    const wanted = `Package in "${windows10}"`
    say(
      'msix-xml-root',
      `its root is ${root.local} in namespace "${root.uri}", not ${wanted}`,
      footprint.manifest,
    )
    return undefined
  }
  judgeNamespaces(document, say)
  const parts = topLevel(root, say)
  const needed = [
    'Identity',
    'Properties',
    ...(generation === 'windows8' ? ['Resources', 'Prerequisites'] : []),
  ]
  for (const name of needed) {
    if (!parts.has(name))
      say('msix-manifest-element-missing', `the manifest has no ${name}`, `${base}/${name}`)
  }
  const identityElement = parts.get('Identity')
  if (identityElement === undefined) return undefined
  const dependencies = parts.get('Dependencies')
  const where = `${base}/Dependencies`
  const deviceFamilies = readDeviceFamilies(dependencies, where, say)
  if (generation === 'windows10') judgeFamilies(deviceFamilies, where, say)
  const properties = readProperties(parts.get('Properties'), `${base}/Properties`, say)
  const mainPackages = readMainPackages(dependencies, where, say)
  const { applications, files } = readApplications(parts.get('Applications'), `${base}/Applications`, say)
  const kind = kindOf(properties, mainPackages, say)
  judgeKind(kind, parts, say)
  return {
    generation,
    identity: readIdentity(identityElement, 'package', `${base}/Identity`, say),
    kind,
    properties,
    resources: readResources(parts.get('Resources'), `${base}/Resources`, say),
    deviceFamilies,
    ...readPrerequisites(parts.get('Prerequisites'), `${base}/Prerequisites`, say),
    packageDependencies: readPackageDependencies(dependencies, generation, where, say),
    mainPackages,
    capabilities: readCapabilities(parts.get('Capabilities'), `${base}/Capabilities`, say),
    applications,
    files: [...logoOf(properties), ...files],
  }
}

const logoOf = ({ logo }: Properties): FileReference[] =>
  logo === undefined ? [] : [{ path: logo, target: `${base}/Properties/Logo`, kind: 'image' }]

/** The manifest's parts by name; each may stand there once. */
function topLevel(root: XmlElement, say: Say): Map<string, XmlElement> {
  const parts = new Map<string, XmlElement>()
  for (const child of root.children) {
    if (child.uri !== root.uri) continue
    if (parts.has(child.local)) {
      say('msix-manifest-element-repeated', `the manifest has two ${child.local}`, `${base}/${child.local}`)
    } else {
      parts.set(child.local, child)
    }
  }
  return parts
}

/** No version of Windows knows other namespaces than Microsoft's, and what it does not know it must be told to ignore. */
function judgeNamespaces({ root, prefixes }: XmlDocument, say: Say): void {
  const ignorable = new Set(
    (attribute(root, 'IgnorableNamespaces') ?? '').split(/\s+/).map((prefix) => prefixes.get(prefix)),
  )
  const told = new Set<string>()
  const visit = (element: XmlElement): void => {
    if (ignorable.has(element.uri)) return
    if (!isMicrosoft(element.uri) && !told.has(element.uri)) {
      told.add(element.uri)
      const what = `the element ${element.local} is in the unknown namespace "${element.uri}"`
      say('msix-manifest-namespace-unknown', what, footprint.manifest)
    }
    for (const child of element.children) visit(child)
  }
  visit(root)
}

function kindOf(properties: Properties, mainPackages: readonly string[], say: Say): PackageKind {
  const { framework, resourcePackage } = properties
  const kinds: PackageKind[] = []
  if (framework) kinds.push('framework')
  if (resourcePackage) kinds.push('resource')
  if (mainPackages.length > 0) kinds.push('optional')
  if (kinds.length > 1) {
    say(
      'msix-package-kind-conflict',
      `the package is ${kinds.join(' and ')} package at once`,
      `${base}/Properties`,
    )
  }
  return kinds[0] ?? 'application'
}

/** What each kind of package may not declare (AppxPackaging's semantic checks). */
function judgeKind(kind: PackageKind, parts: ReadonlyMap<string, XmlElement>, say: Say): void {
  const refuse = (name: string) => {
    say('msix-package-kind-content', `a ${kind} package may not have ${name}`, `${base}/${name}`)
  }
  if (kind === 'framework') {
    for (const name of ['Applications', 'Capabilities']) if (parts.has(name)) refuse(name)
  } else if (kind === 'resource') {
    for (const name of ['Applications', 'Capabilities', 'Extensions']) if (parts.has(name)) refuse(name)
    const dependencies = parts.get('Dependencies')?.children ?? []
    if (dependencies.some(({ local }) => local === 'PackageDependency'))
      refuse('Dependencies/PackageDependency')
    const identity = parts.get('Identity')
    if (identity !== undefined && attribute(identity, 'ProcessorArchitecture') !== undefined) {
      refuse('Identity/@ProcessorArchitecture')
    }
  } else if (kind === 'optional' && parts.has('Capabilities')) {
    say(
      'msix-optional-package-content',
      'an optional package may not declare capabilities',
      `${base}/Capabilities`,
    )
  }
}
