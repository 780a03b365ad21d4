import type { MsixCode, Say } from './findings.ts'
import type { Capability } from './manifest-types.ts'
import { isMicrosoft, isRestrictedCapabilities, uapNamespace, windows8, windows10 } from './namespaces.ts'
import { attribute, type XmlElement } from './xml.ts'

interface KnownCapabilities {
  readonly names: ReadonlySet<string>
  /** The two first schemas are closed; those of `uap` have grown with Windows. */
  readonly otherwise: MsixCode
}

const closed = (...names: string[]): KnownCapabilities => ({
  names: new Set(names),
  otherwise: 'msix-capability-unknown',
})

const growing = (...names: string[]): KnownCapabilities => ({
  names: new Set(names),
  otherwise: 'msix-capability-unlisted',
})

/** The names each namespace’s schema enumerates. */
const known: ReadonlyMap<string, KnownCapabilities> = new Map([
  [
    windows8,
    closed(
      'internetClient',
      'internetClientServer',
      'privateNetworkClientServer',
      'documentsLibrary',
      'picturesLibrary',
      'videosLibrary',
      'musicLibrary',
      'enterpriseAuthentication',
      'sharedUserCertificates',
      'removableStorage',
    ),
  ],
  [
    windows10,
    closed(
      'internetClient',
      'internetClientServer',
      'privateNetworkClientServer',
      'allJoyn',
      'codeGeneration',
    ),
  ],
  [
    uapNamespace(1),
    growing(
      'documentsLibrary',
      'picturesLibrary',
      'videosLibrary',
      'musicLibrary',
      'enterpriseAuthentication',
      'sharedUserCertificates',
      'userAccountInformation',
      'removableStorage',
      'appointments',
      'contacts',
      'phoneCall',
      'blockedChatMessages',
      'objects3D',
      'voipCall',
      'chat',
    ),
  ],
  [uapNamespace(2), growing('phoneCallHistoryPublic', 'spatialPerception')],
  [uapNamespace(3), growing('backgroundMediaPlayback', 'userNotificationListener', 'remoteSystem')],
  [uapNamespace(4), growing('offlineMapsManagement', 'userDataTasks')],
  [uapNamespace(6), growing('graphicsCapture')],
  [uapNamespace(7), growing('globalMediaControl', 'gazeInput')],
])

const kinds: ReadonlyMap<string, 'device' | 'custom'> = new Map([
  ['DeviceCapability', 'device'],
  ['CustomCapability', 'custom'],
])

/** The Capabilities element. */
export function readCapabilities(element: XmlElement | undefined, target: string, say: Say): Capability[] {
  const capabilities: Capability[] = []
  const seen = new Set<string>()
  for (const child of element?.children ?? []) {
    if (!isMicrosoft(child.uri)) continue
    const special = kinds.get(child.local)
    if (child.local !== 'Capability' && special === undefined) continue
    const name = attribute(child, 'Name')
    if (name === undefined || name === '') {
      say('msix-capability-invalid', `one ${child.local} has no Name`, target)
      continue
    }
    const kind = special ?? (isRestrictedCapabilities(child.uri) ? 'restricted' : 'general')
    const key = `${child.local} ${name}`
    if (seen.has(key)) {
      say('msix-capability-twice', `the capability ${name} is declared twice`, target)
      continue
    }
    seen.add(key)
    capabilities.push({ name, kind })
    judge(name, kind, child.uri, target, say)
  }
  return capabilities
}

function judge(name: string, kind: Capability['kind'], uri: string, target: string, say: Say): void {
  const legal = /^[A-Za-z0-9][-_.A-Za-z0-9]*$/.test(name)
  const longest = kind === 'device' ? 50 : kind === 'custom' ? 255 : 128
  if (!legal || name.length > longest) {
    say('msix-capability-invalid', `"${name}" is not the name of a capability`, target)
    return
  }
  const listed = kind === 'general' ? known.get(uri) : undefined
  if (listed !== undefined && !listed.names.has(name)) {
    say(listed.otherwise, `the capability ${name} is none of the namespace it is declared in`, target)
  }
  if (kind === 'restricted')
    say('msix-capability-restricted', `the capability ${name} is a restricted one`, target)
}
