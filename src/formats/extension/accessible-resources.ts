import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, type Json, member } from './json.ts'

/** The shape of `web_accessible_resources`: paths in version 2, objects in version 3 (Chromium's own rule). */
export function judgeAccessibleResources({ manifest, manifestVersion, findings }: ExtensionContext): void {
  const resources = member(manifest, 'web_accessible_resources')
  if (resources === undefined) return
  if (!Array.isArray(resources)) {
    const target = manifestKey('web_accessible_resources')
    findings.add('extension-invalid-value', target, 'web_accessible_resources', 'a list')
    return
  }
  for (const [index, resource] of resources.entries()) {
    const target = manifestKey('web_accessible_resources', index)
    const name = `web_accessible_resources[${index}]`
    if (manifestVersion < 3) {
      if (typeof resource !== 'string') findings.add('extension-invalid-value', target, name, 'a path')
    } else if (!isComplete(resource)) {
      findings.add('extension-web-accessible-resources', target, index)
    }
  }
}

function isComplete(resource: Json): boolean {
  if (!isObject(resource) || !Array.isArray(member(resource, 'resources'))) return false
  return ['matches', 'extension_ids', 'use_dynamic_url'].some((key) => member(resource, key) !== undefined)
}
