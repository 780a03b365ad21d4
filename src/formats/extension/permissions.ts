import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, type JsonObject, member } from './json.ts'
import { patternProblem } from './match-pattern.ts'

const lists = [
  'permissions',
  'optional_permissions',
  'host_permissions',
  'optional_host_permissions',
] as const

/** What Chromium and Edge name; what is missing here costs a developer no more than a warning. */
const known = new Set(
  `accessibilityFeatures.modify accessibilityFeatures.read activeTab alarms audio audioCapture background bookmarks
  browsingData certificateProvider clipboardRead clipboardWrite contentSettings contextMenus cookies debugger
  declarativeContent declarativeNetRequest declarativeNetRequestFeedback declarativeNetRequestWithHostAccess
  declarativeWebRequest desktopCapture devtools dns documentScan downloads downloads.open downloads.shelf downloads.ui
  edgeSettingsPrivate enterprise.deviceAttributes enterprise.hardwarePlatform enterprise.networkingAttributes
  enterprise.platformKeys experimental favicon fileBrowserHandler fileSystem fileSystemProvider fontSettings
  fullscreen gcm geolocation history hid identity identity.email idle input loginState management mdns
  nativeMessaging networking.config notifications offscreen pageCapture pip platformKeys pointerLock power
  printerProvider printing printingMetrics privacy processes proxy readingList runtime scripting search serial
  sessions sidePanel sockets storage syncFileSystem system.cpu system.display system.memory system.network
  system.storage systemLog tabCapture tabGroups tabs topSites transientBackground tts ttsEngine unlimitedStorage usb
  userScripts videoCapture virtualKeyboard vpnProvider wallpaper webAuthenticationProxy webNavigation webRequest
  webRequestAuthProvider webRequestBlocking webview`.split(/\s+/),
)

/** Permissions: lists of strings; an unknown one is ignored by browsers (edge-addons.md 7.1). */
export function judgePermissions({ manifest, findings }: ExtensionContext): void {
  for (const list of lists) {
    const values = member(manifest, list)
    if (values === undefined) continue
    if (!Array.isArray(values)) {
      findings.add('extension-invalid-value', manifestKey(list), list, 'a list of strings')
      continue
    }
    for (const [index, value] of values.entries()) {
      const target = manifestKey(list, index)
      // Some permissions of version 2 are objects, such as {"fileSystem": ["write"]}.
      if (isObject(value)) continue
      if (typeof value !== 'string') {
        findings.add('extension-invalid-value', target, `${list}[${index}]`, 'a string')
      } else if (!known.has(value) && patternProblem(value) !== undefined) {
        findings.add('extension-permission-unknown', target, value)
      }
    }
  }
}

/** API permissions and host permissions, whichever key of whichever manifest version they stand in. */
export function permissionFacts(manifest: JsonObject): { permissions: string[]; hostPermissions: string[] } {
  const strings = (key: string) => {
    const values = member(manifest, key)
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
  }
  const isHost = (value: string) => value === '<all_urls>' || value.includes('://')
  const all = strings('permissions')
  return {
    permissions: all.filter((value) => !isHost(value)),
    hostPermissions: [...all.filter(isHost), ...strings('host_permissions')],
  }
}
