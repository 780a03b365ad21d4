import type { XmlAttribute, XmlDocument, XmlElement } from '../axml/document.ts'
import { valueType } from '../axml/value.ts'
import { attributeId } from './attribute-ids.ts'
import { levelOfCodename } from './sdk-version.ts'

/** What the manifest says about how the package must be signed. */
export interface SigningView {
  /** Oldest API level the signature must hold on. */
  readonly minSdk: number
  readonly targetSdk: number
  /** `android:targetSandboxVersion`, 1 when absent. */
  readonly sandboxVersion: number
}

/**
 * Reads what decides about signatures exactly as Android's verifier (apksig) does, which is not how the package
 * manager reads it: the greatest minimum of all `uses-sdk` counts, references are not followed.
 * @returns the view, or why there is none and the signature therefore can't be judged.
 */
export function signingView(document: XmlDocument): SigningView | { readonly problem: string } {
  let minSdk = 1
  for (const element of document.elements) {
    if (element.depth !== 2 || element.name !== 'uses-sdk' || element.namespace !== '') continue
    const attribute = withId(element, attributeId.minSdkVersion)
    if (attribute === undefined) continue
    const level = minimumLevel(attribute)
    if (level === undefined) return { problem: 'its minSdkVersion is neither a number nor a code name' }
    minSdk = Math.max(minSdk, level)
  }
  return {
    minSdk,
    targetSdk: firstInteger(document, 'uses-sdk', attributeId.targetSdkVersion) ?? minSdk,
    sandboxVersion: firstInteger(document, 'manifest', attributeId.targetSandboxVersion) ?? 1,
  }
}

function minimumLevel({ type, data, text }: XmlAttribute): number | undefined {
  if (isPlainInteger(type)) return data
  return text === undefined ? undefined : levelOfCodename(text)
}

const isPlainInteger = (type: number): boolean => type === valueType.decimal || type === valueType.hexadecimal

const withId = (element: XmlElement, id: number): XmlAttribute | undefined =>
  element.attributes().find((attribute) => attribute.resourceId === id)

function firstInteger(document: XmlDocument, name: string, id: number): number | undefined {
  for (const element of document.elements) {
    const attribute = element.name === name ? withId(element, id) : undefined
    if (attribute !== undefined) return isPlainInteger(attribute.type) ? attribute.data : undefined
  }
  return undefined
}
