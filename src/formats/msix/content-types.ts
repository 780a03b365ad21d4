import type { SaxesAttributeNS } from 'saxes'
import { pathKey } from './file-name.ts'
import type { Say } from './findings.ts'
import { footprint } from './footprint.ts'
import { streamXml, XmlStop } from './xml.ts'

const namespace = 'http://schemas.openxmlformats.org/package/2006/content-types'
const target = footprint.contentTypes

/** Which media type each part of the package has (Open Packaging Conventions, part 2, 10.1.2.2). */
export interface ContentTypes {
  /** Undefined when nothing gives the part a type. */
  of(partName: string): string | undefined
}

/** Reads `[Content_Types].xml`; undefined when it can't be used, and `say` was told why. */
export async function readContentTypes(
  chunks: AsyncIterable<Uint8Array>,
  say: Say,
): Promise<ContentTypes | undefined> {
  const defaults = new Map<string, string>()
  const overrides = new Map<string, string>()
  const handlers = {
    open(uri: string, local: string, attributes: readonly SaxesAttributeNS[], depth: number): void {
      if (depth === 0 && (uri !== namespace || local !== 'Types')) {
        say(
          'msix-xml-root',
          `its root is ${local} in namespace "${uri}", not Types in "${namespace}"`,
          target,
        )
        throw new XmlStop()
      }
      if (depth === 1 && uri === namespace) addType(local, attributes, defaults, overrides, say)
    },
  }
  if (!(await streamXml(chunks, handlers, target, say))) return undefined
  return {
    of(partName) {
      const key = pathKey(partName)
      const dot = key.lastIndexOf('.')
      const extension = dot > key.lastIndexOf('/') ? key.slice(dot + 1) : undefined
      return overrides.get(`/${key}`) ?? (extension === undefined ? undefined : defaults.get(extension))
    },
  }
}

function addType(
  local: string,
  attributes: readonly SaxesAttributeNS[],
  defaults: Map<string, string>,
  overrides: Map<string, string>,
  say: Say,
): void {
  const value = (name: string) => attributes.find((each) => each.local === name && each.uri === '')?.value
  const type = value('ContentType')
  const key = local === 'Default' ? value('Extension') : local === 'Override' ? value('PartName') : undefined
  if (local !== 'Default' && local !== 'Override') {
    say('msix-content-types-invalid', `it has an element ${local}`, target)
  } else if (type === undefined || key === undefined || !/^[^/\s]+\/[^/\s]+/.test(type)) {
    say('msix-content-types-invalid', `one ${local} has no name or no media type`, target)
  } else {
    const types = local === 'Default' ? defaults : overrides
    if (types.has(pathKey(key))) {
      say('msix-content-types-invalid', `it has more than one ${local} for ${key}`, target)
    }
    types.set(pathKey(key), type)
  }
}

/** The type each footprint part is declared with; Windows’ packers write no other. */
export const footprintTypes: ReadonlyMap<string, string> = new Map([
  [footprint.manifest, 'application/vnd.ms-appx.manifest+xml'],
  [footprint.blockMap, 'application/vnd.ms-appx.blockmap+xml'],
  [footprint.signature, 'application/vnd.ms-appx.signature'],
  [footprint.codeIntegrity, 'application/vnd.ms-pkiseccat'],
  [footprint.bundleManifest, 'application/vnd.ms-appx.bundlemanifest+xml'],
])
