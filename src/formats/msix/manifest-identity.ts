import { parsePublisher } from './distinguished-name.ts'
import type { Say } from './findings.ts'
import { isPackageName, isResourceId, storeArchitecture } from './identity.ts'
import type { Identity } from './manifest-types.ts'
import { parseQuad } from './version.ts'
import { attribute, type XmlElement } from './xml.ts'

/** Reads and judges the Identity of a package or (without architecture and resource id) of a bundle. */
export function readIdentity(
  element: XmlElement,
  of: 'package' | 'bundle',
  target: string,
  say: Say,
): Identity {
  const required = (name: string): string | undefined => {
    const value = attribute(element, name)
    if (value === undefined) {
      say('msix-manifest-attribute-missing', `Identity has no ${name}`, `${target}/@${name}`)
    }
    return value
  }
  const name = required('Name')
  if (name !== undefined && !isPackageName(name)) {
    say('msix-identity-name', `the name "${name}" is not allowed`, `${target}/@Name`)
  }
  const publisher = required('Publisher')
  if (publisher !== undefined && parsePublisher(publisher) === undefined) {
    say('msix-identity-publisher', `"${publisher}" is not a distinguished name`, `${target}/@Publisher`)
  }
  const version = required('Version')
  if (version !== undefined) judgeVersion(version, `${target}/@Version`, say)
  const architecture = of === 'bundle' ? undefined : attribute(element, 'ProcessorArchitecture')
  if (architecture !== undefined && storeArchitecture(architecture) === undefined) {
    const where = `${target}/@ProcessorArchitecture`
    say('msix-identity-architecture', `"${architecture}" is no processor architecture`, where)
  }
  const resourceId = of === 'bundle' ? undefined : attribute(element, 'ResourceId')
  if (resourceId !== undefined && !isResourceId(resourceId)) {
    say(
      'msix-identity-resource-id',
      `the resource id "${resourceId}" is not allowed`,
      `${target}/@ResourceId`,
    )
  }
  return {
    name: name ?? '',
    publisher: publisher ?? '',
    version: version ?? '',
    architecture: architecture ?? 'neutral',
    resourceId: resourceId ?? '',
  }
}

function judgeVersion(version: string, target: string, say: Say): void {
  const quad = parseQuad(version)
  if (quad === undefined) {
    say('msix-identity-version', `"${version}" is not a version`, target)
    return
  }
  if (quad[3] !== 0) say('msix-version-revision', `the version ${version} does not end in 0`, target)
  if (quad[0] === 0) say('msix-version-major', `the version ${version} begins with 0`, target)
}
