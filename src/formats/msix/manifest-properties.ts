import type { Say } from './findings.ts'
import { isLanguageTag } from './identity.ts'
import type { Properties, Resources } from './manifest-types.ts'
import { isMicrosoft } from './namespaces.ts'
import { childrenNamed, type XmlElement } from './xml.ts'

const isResourceReference = (text: string): boolean => /^ms-resource:.{1,256}$/.test(text)

const hasOuterSpace = (text: string): boolean => text.trim() !== text

/** ST_DisplayName: up to 256 characters without space around them, or a reference to a resource. */
export const isDisplayName = (text: string): boolean =>
  text !== '' && !hasOuterSpace(text) && (text.length <= 256 || isResourceReference(text))

/** ST_ImageFile. */
const isImageFile = (text: string): boolean =>
  isResourceReference(text) ||
  (/\.(?:png|jpe?g)$/i.test(text) && !/[<>":%|?*]/.test(text) && !hasOuterSpace(text))

/** The Properties element; undefined ones were missing, and `say` was told. */
export function readProperties(element: XmlElement | undefined, target: string, say: Say): Properties {
  const texts = new Map<string, string>()
  for (const child of element?.children ?? []) {
    if (!isMicrosoft(child.uri)) continue
    if (texts.has(child.local)) {
      say('msix-manifest-element-repeated', `Properties has two ${child.local}`, `${target}/${child.local}`)
    }
    texts.set(child.local, child.text)
  }
  const required = (name: string, valid: (text: string) => boolean): string | undefined => {
    const text = texts.get(name)
    const where = `${target}/${name}`
    if (text === undefined) {
      if (element !== undefined) say('msix-manifest-element-missing', `Properties has no ${name}`, where)
    } else if (!valid(text)) {
      say('msix-property-invalid', `the ${name} "${text}" is not allowed`, where)
    }
    return text
  }
  const flag = (name: string, otherwise: boolean): boolean => {
    const text = texts.get(name)?.trim()
    if (text === undefined) return otherwise
    if (!['true', 'false', '1', '0'].includes(text)) {
      say('msix-property-invalid', `the ${name} is "${text}", neither true nor false`, `${target}/${name}`)
    }
    return text === 'true' || text === '1'
  }
  return {
    displayName: required('DisplayName', isDisplayName),
    publisherDisplayName: required('PublisherDisplayName', isDisplayName),
    logo: required('Logo', isImageFile),
    framework: flag('Framework', false),
    resourcePackage: flag('ResourcePackage', false),
    allowExecution: flag('AllowExecution', true),
  }
}

const mostResources = 200

/** Languages, scales and DirectX levels of a Resources element, of packages and of bundles. */
export function readResources(element: XmlElement | undefined, target: string, say: Say): Resources {
  const found = { Language: [] as string[], Scale: [] as string[], DXFeatureLevel: [] as string[] }
  const resources = childrenNamed(element, 'Resource')
  if (resources.length > mostResources) {
    say('msix-resource-invalid', `it has ${resources.length} resources, more than ${mostResources}`, target)
  }
  for (const { attributes } of resources) {
    for (const { local, value } of attributes) {
      if (local !== 'Language' && local !== 'Scale' && local !== 'DXFeatureLevel') continue
      if (found[local].some((each) => each.toLowerCase() === value.toLowerCase())) {
        say('msix-resource-invalid', `it names the ${local} ${value} twice`, target)
        continue
      }
      found[local].push(value)
      judgeResource(local, value, target, say)
    }
  }
  return { languages: found.Language, scales: found.Scale, dxFeatureLevels: found.DXFeatureLevel }
}

function judgeResource(
  kind: 'Language' | 'Scale' | 'DXFeatureLevel',
  value: string,
  target: string,
  say: Say,
) {
  if (kind === 'Language' && value.toLowerCase() === 'x-generate') {
    say('msix-resource-placeholder', `its language is ${value}`, target)
  } else if (kind === 'Language' && !isLanguageTag(value)) {
    say('msix-resource-invalid', `"${value}" is not a language tag`, target)
  } else if (kind === 'Scale' && !/^[1-9][0-9]{2}$/.test(value)) {
    say('msix-resource-invalid', `"${value}" is not a scale in percent`, target)
  } else if (kind === 'DXFeatureLevel' && !/^dx(?:9|1[0-2])$/i.test(value)) {
    say('msix-resource-invalid', `"${value}" is not a DirectX feature level`, target)
  }
}
