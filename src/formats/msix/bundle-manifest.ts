import { pathKey } from './file-name.ts'
import type { Say } from './findings.ts'
import { footprint } from './footprint.ts'
import { isResourceId } from './identity.ts'
import { readDeviceFamilies } from './manifest-dependencies.ts'
import { readIdentity } from './manifest-identity.ts'
import { readResources } from './manifest-properties.ts'
import type { DeviceFamily, Identity, Resources } from './manifest-types.ts'
import { parseQuad, parseShortVersion } from './version.ts'
import { attribute, childrenNamed, parseXml, type XmlElement } from './xml.ts'

/** One package as the bundle's manifest describes it. */
export interface BundledPackage {
  readonly fileName: string
  readonly type: 'application' | 'resource'
  readonly version: string
  readonly architecture: string
  readonly resourceId: string
  /** Of its first byte in the bundle; undefined, or 0, for a package outside of the bundle. */
  readonly offset: number | undefined
  readonly size: number | undefined
  readonly isStub: boolean
  readonly resources: Resources
  readonly deviceFamilies: readonly DeviceFamily[]
}

export interface BundleManifest {
  readonly identity: Identity
  readonly packages: readonly BundledPackage[]
  /** Written for Windows 10, version 1809, or later: the first that may hold several neutral applications. */
  readonly since2018: boolean
}

const namespacePattern = /^http:\/\/schemas\.microsoft\.com\/appx\/(20[0-9]{2})\/bundle$/
const target = footprint.bundleManifest
const mostPackages = 10_000

/** Reads AppxBundleManifest.xml; undefined when it is none. What it has wrong, `say` is told. */
export function readBundleManifest(bytes: Uint8Array, say: Say): BundleManifest | undefined {
  const root = parseXml(bytes, target, say)?.root
  if (root === undefined) return undefined
  const year = yearOf(root)
  if (root.local !== 'Bundle' || year === undefined) {
    const wanted = 'Bundle in "http://schemas.microsoft.com/appx/2013/bundle" or a later one'
    say('msix-xml-root', `its root is ${root.local} in namespace "${root.uri}", not ${wanted}`, target)
    return undefined
  }
  if (parseShortVersion(attribute(root, 'SchemaVersion') ?? '') === undefined) {
    say('msix-bundle-manifest-invalid', 'it has no usable SchemaVersion', target)
  }
  const identity = only(root, 'Identity', say)
  const list = only(root, 'Packages', say)
  if (identity === undefined || list === undefined) return undefined
  const elements = list.children.filter((each) => each.local === 'Package' && yearOf(each) !== undefined)
  if (elements.length === 0 || elements.length > mostPackages) {
    say(
      'msix-bundle-manifest-invalid',
      `it lists ${elements.length} packages, not 1 to ${mostPackages}`,
      target,
    )
  }
  const packages = elements.slice(0, mostPackages).map((each) => readPackage(each, say))
  judgeNames(packages, say)
  return {
    identity: readIdentity(identity, 'bundle', `${target}#/Bundle/Identity`, say),
    packages,
    since2018: [root, ...elements].some((each) => (yearOf(each) ?? 0) >= 2018),
  }
}

function yearOf({ uri }: XmlElement): number | undefined {
  const year = namespacePattern.exec(uri)?.[1]
  return year === undefined ? undefined : Number(year)
}

function only(root: XmlElement, local: string, say: Say): XmlElement | undefined {
  const [first, second] = childrenNamed(root, local)
  const where = `${target}#/Bundle/${local}`
  if (first === undefined)
    say('msix-manifest-element-missing', `the bundle's manifest has no ${local}`, where)
  if (second !== undefined)
    say('msix-manifest-element-repeated', `the bundle's manifest has two ${local}`, where)
  return first
}

function readPackage(element: XmlElement, say: Say): BundledPackage {
  const fileName = attribute(element, 'FileName') ?? ''
  const where = `${target}#/Bundle/Packages/Package[@FileName="${fileName}"]`
  const invalid = (name: string, value: string | undefined): void => {
    const what =
      value === undefined ? `a package has no ${name}` : `the ${name} "${value}" of a package is not usable`
    say('msix-bundle-manifest-invalid', what, `${where}/@${name}`)
  }
  if (!/.\.(?:appx|msix)$/i.test(fileName)) {
    say('msix-bundle-file-name', `"${fileName}" is not the name of a package`, where)
  }
  const type = attribute(element, 'Type') ?? 'resource'
  if (type !== 'application' && type !== 'resource') invalid('Type', type)
  const version = attribute(element, 'Version')
  if (version === undefined || parseQuad(version) === undefined) invalid('Version', version)
  const resourceId = attribute(element, 'ResourceId')
  if (resourceId !== undefined && !isResourceId(resourceId)) invalid('ResourceId', resourceId)
  const architecture = attribute(element, 'Architecture') ?? 'neutral'
  if (!/^[-.A-Za-z0-9]{1,7}$/.test(architecture)) invalid('Architecture', architecture)
  const number = (name: string): number | undefined => {
    const text = attribute(element, name)
    if (text === undefined) return undefined
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (Number.isSafeInteger(value)) return value
    invalid(name, text)
    return undefined
  }
  const child = (local: string) => element.children.find((each) => each.local === local)
  return {
    fileName,
    type: type === 'application' ? 'application' : 'resource',
    version: version ?? '',
    architecture,
    resourceId: resourceId ?? '',
    offset: number('Offset'),
    size: number('Size'),
    isStub: ['true', '1'].includes(attribute(element, 'IsStub') ?? ''),
    resources: readResources(child('Resources'), where, say),
    deviceFamilies: readDeviceFamilies(child('Dependencies'), where, say),
  }
}

function judgeNames(packages: readonly BundledPackage[], say: Say): void {
  const seen = new Set<string>()
  for (const { fileName } of packages) {
    const key = pathKey(fileName)
    if (seen.has(key)) say('msix-bundle-package-twice', `the bundle lists ${fileName} twice`, target)
    seen.add(key)
  }
}
