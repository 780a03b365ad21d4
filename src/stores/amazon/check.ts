import type { Finding, Package } from '../../engine/index.ts'
import type { Judged } from '../../engine/store-spec.ts'
import type { AmazonSettings } from '../store.ts'
import { type Apk, documentOf, type EditDocument } from './document.ts'
import { editFinding } from './findings.ts'
import { listingProblems } from './listings.ts'
import { targetedDevices, targetingOf } from './targeting.ts'

const fewestScreenshots = 3

/** What `validate` and `commit` are refused for (amazon-appstore.md 3.4), and what the developer should know. */
export function checkEdit(
  { content, packages, live }: Judged,
  { certificate }: Pick<AmazonSettings, 'certificate'>,
): Finding[] {
  const document = documentOf({ content })
  return [
    ...checkListings(document),
    ...checkImages(document),
    ...checkApks(document, packages),
    ...checkDevices(document, packages),
    ...checkUpdate(document, packages, live, certificate),
  ]
}

function checkListings({ details, listings, written }: EditDocument): Finding[] {
  const { defaultLanguage } = details
  const findings = Object.entries(listings).flatMap(([language, listing]) => {
    const target = `listings.${language}`
    const found: Finding[] = []
    if (listing.recentChanges.trim() === '' || !written.includes(language)) {
      found.push(editFinding('amazon-release-notes', language, `${target}.recentChanges`))
    }
    if (listing.title.trim() === '') {
      found.push(
        editFinding('amazon-listing-text', `The listing ${language} has no title`, `${target}.title`),
      )
    }
    for (const { errorCode, errorMessage } of listingProblems(listing)) {
      const code = errorCode === 'SINGLE_WORD' ? 'amazon-keyword' : 'amazon-listing-text'
      found.push(editFinding(code, `${language}: ${errorMessage}`, target))
    }
    return found
  })
  if (listings[defaultLanguage]) return findings
  return [...findings, editFinding('amazon-listing-missing', defaultLanguage, `listings.${defaultLanguage}`)]
}

/** Tablet icons and screenshots are needed for television apps, too (amazon-appstore.md 2.6). */
function checkImages({ details, images }: EditDocument): Finding[] {
  const language = details.defaultLanguage
  const count = (type: string) => images[language]?.[type]?.length ?? 0
  const findings: Finding[] = []
  for (const type of ['small-icons', 'large-icons']) {
    if (count(type) === 0) {
      const target = `images.${language}.${type}`
      findings.push(editFinding('amazon-images-missing', `${language} has no ${type}`, target))
    }
  }
  const screenshots = count('screenshots')
  if (screenshots < fewestScreenshots) {
    const detail = `${language} has ${screenshots} of at least ${fewestScreenshots} screenshots`
    findings.push(editFinding('amazon-images-missing', detail, `images.${language}.screenshots`))
  }
  return findings
}

function checkApks({ apks }: EditDocument, packages: readonly Package[]): Finding[] {
  if (apks.length === 0) return [editFinding('amazon-apk-missing', '', 'apks')]
  const findings: Finding[] = []
  const codes = new Set<number>()
  for (const apk of apks) {
    const target = `apks.${apk.id}`
    const name = nameOf(apk)
    if (codes.has(apk.versionCode)) findings.push(editFinding('amazon-apk-version-conflict', name, target))
    codes.add(apk.versionCode)
    if (apk.packageId !== null && apk.drm === null) findings.push(editFinding('amazon-apk-drm', name, target))
    const facts = packageOf(apk, packages)?.facts
    if (facts?.testOnly === true) findings.push(editFinding('amazon-apk-test-only', name, target))
    if (facts?.debuggable === true) findings.push(editFinding('amazon-apk-debuggable', name, target))
  }
  const names = new Set(packages.map(({ facts }) => String(facts.package)))
  if (names.size > 1) findings.push(editFinding('amazon-apk-package-names', [...names].join(', '), 'apks'))
  return findings
}

function checkDevices(document: EditDocument, packages: readonly Package[]): Finding[] {
  const targets = document.apks.map((apk) => ({
    apk,
    devices: targetedDevices(document, apk, packages),
  }))
  const findings: Finding[] = []
  for (const { apk, devices } of targets) {
    if (devices.length > 0 || targetingOf(document, apk.id).other === 'TARGETING') continue
    const isSuperseded = targets.some(
      (other) => other.apk.versionCode > apk.versionCode && other.devices.length > 0,
    )
    const code = isSuperseded ? 'amazon-apk-superseded' : 'amazon-apk-untargeted'
    findings.push(editFinding(code, nameOf(apk), `targeting.${apk.id}`))
  }
  return findings
}

/** What Android would say to customers who have the live version. */
function checkUpdate(
  { apks, published }: EditDocument,
  packages: readonly Package[],
  live: Judged['live'],
  certificate: AmazonSettings['certificate'],
): Finding[] {
  const findings: Finding[] = []
  const highest = Math.max(...published)
  const own = Math.max(...apks.map((apk) => apk.versionCode))
  if (apks.length > 0 && published.length > 0 && own < highest) {
    findings.push(editFinding('amazon-apk-lower-version', `${own} after ${highest}`, 'apks'))
  }
  if (certificate === 'off') return findings
  const known = new Set((live?.packages ?? []).flatMap((pack) => certificatesOf(pack, 'signers')))
  for (const apk of apks) {
    const pack = packageOf(apk, packages)
    if (!pack || known.size === 0) continue
    const proven = [...certificatesOf(pack, 'signers'), ...certificatesOf(pack, 'lineage')]
    if (proven.some((sha256) => known.has(sha256))) continue
    const severity = certificate === 'error' ? 'error' : 'warning'
    findings.push(editFinding('amazon-apk-certificate', nameOf(apk), `apks.${apk.id}`, severity))
  }
  return findings
}

function certificatesOf({ facts }: Package, fact: 'signers' | 'lineage'): string[] {
  const list = facts[fact]
  if (!Array.isArray(list)) return []
  return list.flatMap((each) =>
    typeof each === 'object' && each !== null && 'sha256' in each ? [String(each.sha256)] : [],
  )
}

function packageOf(apk: Apk, packages: readonly Package[]): Package | undefined {
  return packages.find((pack) => pack.id === apk.packageId)
}

function nameOf({ name, versionCode }: Apk): string {
  return `${name} (version code ${versionCode})`
}
