import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, type JsonObject, member } from './json.ts'

/** Toolbar buttons: one kind of them in version 2, `action` in version 3 (edge-addons.md 7.1). */
export function judgeAction({ manifest, manifestVersion, findings }: ExtensionContext): void {
  for (const key of ['action', 'browser_action', 'page_action']) {
    const action = member(manifest, key)
    if (action === undefined) continue
    if (isObject(action)) judgeMembers(action, key, findings)
    else findings.add('extension-invalid-value', manifestKey(key), key, 'an object')
  }
  const old = ['browser_action', 'page_action', 'app'].filter((key) => member(manifest, key) !== undefined)
  if (manifestVersion < 3) {
    if (old.length > 1) findings.add('extension-one-surface', manifestKey(old[1] ?? ''))
    return
  }
  for (const key of old) if (key !== 'app') findings.add('extension-action-v3', manifestKey(key), key)
}

function judgeMembers(action: JsonObject, key: string, findings: ExtensionContext['findings']): void {
  const popup = member(action, 'default_popup')
  if (popup !== undefined && popup !== null && typeof popup !== 'string') {
    findings.add(
      'extension-invalid-value',
      manifestKey(key, 'default_popup'),
      `${key}.default_popup`,
      'a path',
    )
  }
  const icon = member(action, 'default_icon')
  if (icon !== undefined && typeof icon !== 'string' && !isObject(icon)) {
    const expected = 'a path or an object of sizes and paths'
    findings.add('extension-invalid-value', manifestKey(key, 'default_icon'), `${key}.default_icon`, expected)
  }
}
