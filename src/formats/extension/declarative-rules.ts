import { ZipError } from '../containers/zip-error.ts'
import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, member } from './json.ts'
import { resolveReference } from './references.ts'
import { MemberMeter } from './rule-metadata.ts'

const mostMetadata = 65_536
/** Browsers take no more than 330 000 rules; what lies beyond this is not theirs. */
const mostMeasured = 256 * 1024 ** 2

/** `declarative_net_request`: its shape, and the size of the rules' metadata (edge-addons.md 7.2). */
export async function judgeDeclarativeRules(context: ExtensionContext): Promise<void> {
  const { manifest, files, findings } = context
  const key = 'declarative_net_request'
  const declared = member(manifest, key)
  if (declared === undefined) return
  const resources = isObject(declared) ? member(declared, 'rule_resources') : undefined
  if (!Array.isArray(resources)) {
    findings.add('extension-invalid-value', manifestKey(key), `${key}.rule_resources`, 'a list')
    return
  }
  const measured = new Set<string>()
  for (const [index, resource] of resources.entries()) {
    const path = isObject(resource) ? member(resource, 'path') : undefined
    const target = manifestKey(key, 'rule_resources', index, 'path')
    if (typeof path !== 'string') {
      findings.add('extension-invalid-value', target, `${key}.rule_resources[${index}].path`, 'a path')
      continue
    }
    const found = resolveReference(files, path)
    if (found === undefined || measured.has(found.path)) continue
    measured.add(found.path)
    const size = await metadataSize(context, found.path)
    if (size > mostMetadata) findings.add('extension-rule-metadata', target, size)
  }
}

async function metadataSize({ archive, files }: ExtensionContext, path: string): Promise<number> {
  const entry = files.find(path)
  if (entry === undefined) return 0
  const meter = new MemberMeter('metadata')
  try {
    let length = 0
    for await (const chunk of archive.open(entry)) {
      meter.feed(chunk)
      length += chunk.length
      if (length > mostMeasured) break
    }
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
  }
  return meter.largest
}
