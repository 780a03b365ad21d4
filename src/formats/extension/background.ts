import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, member } from './json.ts'

/** `background`: one kind of script, and the worker in version 3 (edge-addons.md 7.1). */
export function judgeBackground({ manifest, manifestVersion, findings }: ExtensionContext): void {
  const background = member(manifest, 'background')
  if (background === undefined) return
  if (!isObject(background)) {
    findings.add('extension-invalid-value', manifestKey('background'), 'background', 'an object')
    return
  }
  const given = (name: string) => member(background, name) !== undefined
  for (const name of ['page', 'service_worker']) {
    if (given(name) && typeof member(background, name) !== 'string') {
      const target = manifestKey('background', name)
      findings.add('extension-invalid-value', target, `background.${name}`, 'a path')
    }
  }
  const scripts = member(background, 'scripts')
  const isPathList = Array.isArray(scripts) && scripts.every((each) => typeof each === 'string')
  if (scripts !== undefined && !isPathList) {
    const target = manifestKey('background', 'scripts')
    findings.add('extension-invalid-value', target, 'background.scripts', 'a list of paths')
  }
  if (manifestVersion < 3) {
    if (given('page') && given('scripts')) {
      findings.add('extension-background-combination', manifestKey('background'))
    }
  } else if (!given('service_worker')) {
    for (const name of ['scripts', 'page']) {
      const key = `background.${name}`
      if (given(name)) findings.add('extension-background-v3', manifestKey('background', name), key)
    }
  }
}
