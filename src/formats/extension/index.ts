import { openZip } from '../containers/zip.ts'
import { withSeverities, type ZipCode } from '../containers/zip-findings.ts'
import type { ZipArchive } from '../containers/zip-types.ts'
import {
  defaultLimits,
  type Finding,
  type Format,
  type Inspection,
  type Reader,
  type Severity,
} from '../types.ts'
import { judgeAccessibleResources } from './accessible-resources.ts'
import { judgeAction } from './action.ts'
import { judgeBackground } from './background.ts'
import { judgeContentScripts } from './content-scripts.ts'
import type { ExtensionContext } from './context.ts'
import { judgeDeclarativeRules } from './declarative-rules.ts'
import { type ExtensionFacts, extensionFacts, unreadableFacts } from './facts.ts'
import { ExtensionFindings } from './findings.ts'
import { judgeIcons } from './icons.ts'
import { judgeIdentity } from './identity.ts'
import { member } from './json.ts'
import { judgeKeys } from './known-keys.ts'
import { findFiles } from './layout.ts'
import { judgeUndefinedMessages, readLocales } from './locales.ts'
import { readManifest } from './manifest.ts'
import { judgeDisguisedArchive, judgeNestedArchives } from './nested-archives.ts'
import { judgePermissions } from './permissions.ts'
import { judgeReferences } from './references.ts'
import { judgeTexts } from './texts.ts'

export { compareVersions, parseVersion } from './versions.ts'

export interface ExtensionOptions {
  /** Most bytes the package may have as it is uploaded. */
  readonly packageBytes?: number
}

const mostPackageBytes = 500 * 1024 ** 2

/** What Edge judges otherwise than a cautious reader of ZIP does. */
export const zipSeverities: Readonly<Partial<Record<ZipCode, Severity | 'ignore'>>> = {
  // Said in Edge's own words.
  'zip-backslash': 'ignore',
}

/**
 * Browser extensions as Microsoft Edge Add-ons takes them: a ZIP archive with `manifest.json` at its root or in a
 * single top folder. Facts: {@link ExtensionFacts}. Rules and their evidence: edge-addons.md 7.1 and 7.2.
 */
export function extensionFormat(options: ExtensionOptions = {}): Format {
  const most = options.packageBytes ?? mostPackageBytes
  return {
    name: 'extension',
    extensions: ['.zip'],
    async inspect(reader, limits = defaultLimits) {
      const findings = new ExtensionFindings()
      if (reader.size > most) {
        findings.add('extension-too-large', undefined, reader.size, most)
        return inspection(unreadableFacts(undefined, undefined), findings.list())
      }
      if (await isCrx(reader)) {
        findings.add('extension-crx', undefined)
        return inspection(unreadableFacts(undefined, undefined), findings.list())
      }
      return inspectArchive(await openZip(reader, limits), findings)
    },
  }
}

/** The format with Edge's own limits. */
export const extension: Format = extensionFormat()

async function isCrx(reader: Reader): Promise<boolean> {
  if (reader.size < 4) return false
  return Buffer.from(await reader.read(0, 4)).toString('latin1') === 'Cr24'
}

async function inspectArchive(archive: ZipArchive, findings: ExtensionFindings): Promise<Inspection> {
  const container = withSeverities(archive.findings, zipSeverities)
  const files = findFiles(archive, findings)
  const readable = !container.some((finding) => finding.severity === 'error')
  judgeNestedArchives(files, findings)
  const read = readable || files.count > 0 ? await readManifest(archive, files, findings) : { damage: [] }
  const said: Finding[] = [...container, ...read.damage]
  let facts = unreadableFacts(archive, files)
  if (read.manifest !== undefined) {
    const { manifest } = read
    const manifestVersion = member(manifest, 'manifest_version') === 2 ? 2 : 3
    const judged = await judgeManifest({ manifest, manifestVersion, files, archive, findings })
    said.push(...judged.damage)
    facts = judged.facts
  }
  if (readable) {
    const sniff = (name: string, start: Uint8Array) => judgeDisguisedArchive(name, start, findings)
    said.push(...(await archive.verify({ onStart: (entry, start) => sniff(entry.name, start) })))
  }
  return inspection(facts, [...findings.list(), ...said])
}

async function judgeManifest(
  context: ExtensionContext,
): Promise<{ facts: ExtensionFacts; damage: readonly Finding[] }> {
  judgeIdentity(context)
  const locales = await readLocales(context)
  judgeTexts(context, locales)
  judgeUndefinedMessages(context, locales)
  await judgeIcons(context)
  judgeAction(context)
  judgeBackground(context)
  judgeContentScripts(context)
  judgeAccessibleResources(context)
  judgePermissions(context)
  judgeReferences(context)
  judgeKeys(context)
  await judgeDeclarativeRules(context)
  return { facts: extensionFacts(context, locales), damage: locales.damage }
}

function inspection(facts: ExtensionFacts, all: readonly Finding[]): Inspection {
  const findings = new Map<string, Finding>()
  // The manifest and the messages are read twice, first for what they say, then with everything else.
  for (const finding of all) findings.set(`${finding.code}\n${finding.target}\n${finding.message}`, finding)
  const list = [...findings.values()]
  return {
    format: 'extension',
    sound: list.every(({ severity }) => severity !== 'error'),
    facts,
    findings: list,
  }
}
