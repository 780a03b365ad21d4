import type { XmlDocument, XmlElement } from '../axml/document.ts'
import { asText, valueType } from '../axml/value.ts'
import type { Resolver } from '../resources/resolve.ts'
import { ElementAttributes } from './attributes.ts'
import type { CompatibleScreen, Feature, Library, Manifest, SupportsScreens } from './manifest.ts'
import { levelOfCodename } from './sdk-version.ts'

/** A sound manifest has far fewer of anything; facts must stay small. */
const mostOfAKind = 1000

/**
 * Reads the manifest as Android's package manager does: framework attributes by their resource identifier, the
 * first of two attributes, references followed. Undefined when the root is no `<manifest>`. Never throws.
 */
export function readManifest(document: XmlDocument, resources: Resolver): Manifest | undefined {
  const [root] = document.elements
  if (root?.name !== 'manifest') return undefined
  const at = (element: XmlElement) => new ElementAttributes(element, resources)
  const children = document.elements.filter((element) => element.depth === 2)
  const named = (...names: string[]) =>
    children
      .filter((element) => names.includes(element.name))
      .slice(0, mostOfAKind)
      .map(at)
  const manifest = at(root)
  const [application] = named('application')
  const low = manifest.integer('versionCode')
  const high = manifest.integer('versionCodeMajor')
  return {
    packageName: manifest.plain('package'),
    versionCode: low === undefined && high === undefined ? undefined : longVersion(high ?? 0, low ?? 0),
    versionName: manifest.text('versionName'),
    ...readSdks(named('uses-sdk')),
    compileSdk: manifest.integer('compileSdkVersion'),
    split: manifest.plain('split'),
    sharedUserId: manifest.text('sharedUserId'),
    permissions: [...new Set(texts(named('uses-permission', 'uses-permission-sdk-23')))],
    features: named('uses-feature').map(readFeature),
    libraries: readLibraries(document, at),
    supportsScreens: named('supports-screens').map(readScreens).at(-1),
    compatibleScreens: readCompatibleScreens(document, at),
    hasApplication: application !== undefined,
    label: application?.text('label'),
    icon: application?.file('icon'),
    debuggable: application?.boolean('debuggable') ?? false,
    testOnly: application?.boolean('testOnly') ?? false,
    extractNativeLibs: application?.boolean('extractNativeLibs'),
  }
}

const longVersion = (high: number, low: number): bigint =>
  BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))

const texts = (elements: readonly ElementAttributes[]): string[] =>
  elements.map((element) => element.text('name') ?? '').filter((name) => name !== '')

type Sdks = Pick<Manifest, 'minSdk' | 'minSdkCodename' | 'targetSdk' | 'targetSdkCodename' | 'maxSdk'>

// Of several <uses-sdk> the greatest minimum counts, for the package must not be judged for less than it asks.
function readSdks(elements: readonly ElementAttributes[]): Sdks {
  const levels = (name: 'minSdkVersion' | 'targetSdkVersion') =>
    elements.map((element) => readLevel(element, name)).filter((level) => level !== undefined)
  const greatest = (found: readonly Level[]) =>
    found.reduce<Level | undefined>((a, b) => (a === undefined || b.level > a.level ? b : a), undefined)
  const min = greatest(levels('minSdkVersion'))
  const [target] = levels('targetSdkVersion')
  const minSdk = Math.max(1, min?.level ?? 1)
  return {
    minSdk,
    minSdkCodename: min?.codename,
    targetSdk: target?.level ?? minSdk,
    targetSdkCodename: target?.codename,
    maxSdk: elements.map((element) => element.integer('maxSdkVersion')).find((max) => max !== undefined),
  }
}

interface Level {
  readonly level: number
  readonly codename: string | undefined
}

function readLevel(
  element: ElementAttributes,
  name: 'minSdkVersion' | 'targetSdkVersion',
): Level | undefined {
  const value = element.value(name)
  if (value === undefined) return undefined
  const codename = value.type === valueType.string ? asText(value) : undefined
  const level = element.integer(name) ?? (codename === undefined ? undefined : levelOfCodename(codename))
  return level === undefined ? undefined : { level, codename }
}

const readFeature = (element: ElementAttributes): Feature => ({
  name: element.text('name'),
  required: element.boolean('required') ?? true,
  glEsVersion: element.integer('glEsVersion'),
})

const readScreens = (element: ElementAttributes): SupportsScreens => ({
  small: element.boolean('smallScreens'),
  normal: element.boolean('normalScreens'),
  large: element.boolean('largeScreens'),
  xlarge: element.boolean('xlargeScreens'),
  anyDensity: element.boolean('anyDensity'),
  requiresSmallestWidthDp: element.integer('requiresSmallestWidthDp'),
  compatibleWidthLimitDp: element.integer('compatibleWidthLimitDp'),
  largestWidthLimitDp: element.integer('largestWidthLimitDp'),
})

/** Elements named `name` inside of the first element `parent` of the manifest. */
function* inside(document: XmlDocument, parent: string, name: string): Generator<XmlElement> {
  const start = document.elements.findIndex((element) => element.depth === 2 && element.name === parent)
  if (start < 0) return
  let found = 0
  for (const element of document.elements.slice(start + 1)) {
    if (element.depth <= 2 || found === mostOfAKind) return
    if (element.depth !== 3 || element.name !== name) continue
    found++
    yield element
  }
}

type At = (element: XmlElement) => ElementAttributes

function readLibraries(document: XmlDocument, at: At): Library[] {
  const libraries: Library[] = []
  for (const element of inside(document, 'application', 'uses-library')) {
    const attributes = at(element)
    const name = attributes.text('name')
    if (name !== undefined) libraries.push({ name, required: attributes.boolean('required') ?? true })
  }
  return libraries
}

function readCompatibleScreens(document: XmlDocument, at: At): CompatibleScreen[] {
  const screens: CompatibleScreen[] = []
  for (const element of inside(document, 'compatible-screens', 'screen')) {
    const attributes = at(element)
    screens.push({ size: attributes.integer('screenSize'), density: attributes.integer('screenDensity') })
  }
  return screens
}
