import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, type JsonObject, listMember, member } from './json.ts'
import { patternProblem } from './match-pattern.ts'

/** `content_scripts`: each with a match and a file (edge-addons.md 7.1). */
export function judgeContentScripts({ manifest, findings }: ExtensionContext): void {
  const scripts = member(manifest, 'content_scripts')
  const key = manifestKey('content_scripts')
  if (scripts === undefined) return
  if (!Array.isArray(scripts)) {
    findings.add('extension-invalid-value', key, 'content_scripts', 'a list')
    return
  }
  if (scripts.length === 0) findings.add('extension-content-scripts-empty', key)
  for (const [index, script] of scripts.entries()) {
    if (isObject(script)) judgeContentScript(script, index, findings)
    else {
      const name = `content_scripts[${index}]`
      findings.add('extension-invalid-value', manifestKey('content_scripts', index), name, 'an object')
    }
  }
}

function judgeContentScript(script: JsonObject, index: number, findings: ExtensionContext['findings']): void {
  const matches = listMember(script, 'matches')
  if (matches.length === 0)
    findings.add('extension-content-script-matches', manifestKey('content_scripts', index), index)
  for (const name of ['matches', 'exclude_matches']) judgePatterns(script, index, name, findings)
  for (const name of ['js', 'css']) judgeFileList(script, index, name, findings)
  if (listMember(script, 'js').length === 0 && listMember(script, 'css').length === 0) {
    findings.add('extension-content-script-files', manifestKey('content_scripts', index), index)
  }
}

function judgePatterns(
  script: JsonObject,
  index: number,
  name: string,
  findings: ExtensionContext['findings'],
): void {
  for (const [at, pattern] of listMember(script, name).entries()) {
    const problem = typeof pattern === 'string' ? patternProblem(pattern) : 'It must be a string.'
    if (problem === undefined) continue
    const target = manifestKey('content_scripts', index, name, at)
    findings.add(
      'extension-content-script-pattern',
      target,
      `content_scripts[${index}].${name}[${at}]`,
      problem,
    )
  }
}

function judgeFileList(
  script: JsonObject,
  index: number,
  name: string,
  findings: ExtensionContext['findings'],
): void {
  const value = member(script, name)
  if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'))) return
  const target = manifestKey('content_scripts', index, name)
  findings.add('extension-invalid-value', target, `content_scripts[${index}].${name}`, 'a list of paths')
}
