import type { DriverFindingList } from './findings.ts'
import type { Inf } from './inf.ts'
import type { InfOutline } from './inf-install.ts'
import { eachModel } from './inf-models.ts'

const signatures = new Set(['$windows nt$', '$chicago$', '$windows 95$'])
const guid = /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i
/** Variables of .inx templates, which StampInf fills in. */
const template = /\$(?:arch|[ku]mdf(?:coinstaller)?version)\$/i
const versionDirectives = new Set(['kmdflibraryversion', 'umdflibraryversion'])
const extensionClass = '{e2f84ce7-8efa-411c-aa69-97454ca4cb57}'

export function isExtensionInf(inf: Inf): boolean {
  return inf.version.class?.toLowerCase() === 'extension'
}

/** Judges one INF by itself (microsoft-hardware.md 8.3; INF Version and Manufacturer sections of the driver docs). */
export function judgeInf(inf: Inf, outline: InfOutline, path: string, findings: DriverFindingList): void {
  judgeSyntax(inf, path, findings)
  if (!inf.version.isPresent) {
    findings.add('driver-inf-version-missing', path)
    return
  }
  judgeVersion(inf, path, findings)
  judgeExtension(inf, path, findings)
  const unstamped = templateTextOf(inf, outline)
  if (unstamped !== undefined) findings.add('driver-inf-template', path, unstamped)
  judgeModels(inf, outline, path, findings)
}

function judgeSyntax(inf: Inf, path: string, findings: DriverFindingList) {
  for (const { line, what } of inf.problems) findings.add('driver-inf-syntax', path, line, what)
  if (!inf.isWhole) findings.add('driver-inf-too-large', path)
}

function judgeVersion({ version, undefinedTokens }: Inf, path: string, findings: DriverFindingList) {
  const key = (name: string) => `${path}#/Version/${name}`
  if (!signatures.has(version.signature?.toLowerCase() ?? '')) {
    findings.add('driver-inf-signature', key('Signature'), version.signature)
  }
  if (version.class === null) findings.add('driver-inf-class', key('Class'))
  if (version.classGuid === null || !guid.test(version.classGuid)) {
    findings.add('driver-inf-class-guid', key('ClassGuid'), version.classGuid)
  }
  if (version.provider === null) findings.add('driver-inf-provider', key('Provider'))
  else if (undefinedTokens(version.provider).length > 0) {
    findings.add('driver-inf-undefined-string', key('Provider'), version.provider)
  }
  if (version.driverVer === null) findings.add('driver-inf-driver-ver-missing', key('DriverVer'))
  else if (version.driverDate === null || version.driverVersion === null) {
    findings.add('driver-inf-driver-ver', key('DriverVer'), version.driverVer)
  }
  if (Object.keys(version.catalogFiles).length === 0) findings.add('driver-inf-catalog', key('CatalogFile'))
  if (version.pnpLockdown !== true) findings.add('driver-inf-pnp-lockdown', key('PnpLockdown'))
}

function judgeExtension(inf: Inf, path: string, findings: DriverFindingList) {
  const { classGuid, extensionId } = inf.version
  const isExtension = isExtensionInf(inf)
  if (isExtension !== (classGuid?.toLowerCase() === extensionClass)) {
    findings.add('driver-inf-extension-class', `${path}#/Version/ClassGuid`)
  }
  if (isExtension && (extensionId === null || !guid.test(extensionId))) {
    findings.add('driver-inf-extension-id', `${path}#/Version/ExtensionId`)
  }
}

/** The first place where a template was not filled in: a target, a section's name, or a framework version. */
function templateTextOf(inf: Inf, { models }: InfOutline): string | undefined {
  const target = models.find(({ decoration }) => template.test(decoration.text))
  if (target !== undefined) return target.decoration.text
  const section = inf.sectionNames.find((name) => template.test(name))
  if (section !== undefined) return section
  for (const name of inf.sectionNames) {
    for (const { key, fields } of inf.entries(name)) {
      const [value = ''] = fields
      if (versionDirectives.has(key?.toLowerCase() ?? '') && template.test(value)) return value
    }
  }
  return undefined
}

function judgeModels(inf: Inf, { models, installs }: InfOutline, path: string, findings: DriverFindingList) {
  const hasDefaultInstall = inf.sectionNames.some((name) => /^defaultinstall(?:\.|$)/i.test(name))
  if (models.length === 0 && !hasDefaultInstall) findings.add('driver-inf-no-models', path)
  for (const { name, isPresent, manufacturer, decoration } of models) {
    if (!decoration.isKnown && !template.test(decoration.text))
      findings.add('driver-inf-decoration', `${path}#/Manufacturer`, decoration.text)
    if (!isPresent) findings.add('driver-inf-models-missing', `${path}#/Manufacturer`, name)
    if (inf.undefinedTokens(manufacturer).length > 0) {
      findings.add('driver-inf-undefined-string', `${path}#/Manufacturer`, manufacturer)
    }
  }
  const names = installs.map((name) => name.toLowerCase())
  // A model names [Install]; [Install.NTamd64] alone is enough for it.
  const installable = new Set(names.flatMap((name) => [name, name.split('.nt')[0] ?? '']))
  const judged = new Set<string>()
  for (const { installSection, hardwareIds, description } of eachModel(inf, models)) {
    if (hardwareIds.length === 0) findings.add('driver-inf-no-hardware-id', path, description)
    if (inf.undefinedTokens(description).length > 0)
      findings.add('driver-inf-undefined-string', path, description)
    const section = installSection.toLowerCase()
    if (!judged.has(section) && !installable.has(section))
      findings.add('driver-inf-install-missing', path, installSection)
    judged.add(section)
  }
}
