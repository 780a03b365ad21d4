import type { BundleManifest } from './bundle-manifest.ts'
import type { InnerPackage } from './bundled-package.ts'
import { fullName } from './family-name.ts'
import type { Say } from './findings.ts'
import { footprint } from './footprint.ts'
import type { DeviceFamily } from './manifest-types.ts'
import { compareQuads, parseQuad, parseShortVersion, type Quad } from './version.ts'

const target = footprint.bundleManifest

/** Rules about the packages of a bundle as a set (AppxPackaging’s bundle validation). */
export function judgePackageSet(manifest: BundleManifest, packages: readonly InnerPackage[], say: Say): void {
  const applications = packages.filter(({ listed }) => listed.type === 'application')
  if (packages.length > 0 && applications.length === 0) {
    say('msix-bundle-no-application', 'the bundle contains only resource packages', target)
  }
  judgeFullNames(manifest, packages, say)
  judgeResourceIds(packages, say)
  judgeNeutral(manifest, applications, say)
  judgeArchitectures(applications, say)
  for (const inner of applications) judgeApplication(inner, say)
}

function judgeFullNames({ identity }: BundleManifest, packages: readonly InnerPackage[], say: Say): void {
  const seen = new Set<string>()
  for (const { listed } of packages) {
    const { version, architecture, resourceId, isStub } = listed
    const { name, publisher } = identity
    const full = fullName({ name, publisher, version, architecture, resourceId }).toLowerCase()
    // A stub stands in for the package of the same name.
    const key = `${full}${isStub ? ' stub' : ''}`
    if (seen.has(key)) {
      say('msix-bundle-package-twice', 'another package of the bundle has the same identity', listed.fileName)
    }
    seen.add(key)
  }
}

function judgeResourceIds(packages: readonly InnerPackage[], say: Say): void {
  const seen = new Set<string>()
  for (const { listed } of packages) {
    if (listed.type !== 'resource') continue
    const id = listed.resourceId.toLowerCase()
    if (seen.has(id)) {
      const what = `another resource package has the resource id "${listed.resourceId}"`
      say('msix-bundle-package-twice', what, listed.fileName)
    }
    seen.add(id)
  }
}

/** Windows 10, version 1809: up to here a bundle may hold one neutral application only. */
const version1809: Quad = [10, 0, 17763, 0]

const familiesOf = ({ listed, report }: InnerPackage): readonly DeviceFamily[] =>
  report?.manifest?.deviceFamilies ?? listed.deviceFamilies

function judgeNeutral({ since2018 }: BundleManifest, applications: readonly InnerPackage[], say: Say): void {
  const neutral = applications.filter(
    ({ listed }) => listed.architecture.toLowerCase() === 'neutral' && !listed.isStub,
  )
  if (neutral.length < 2) return
  const names = neutral.map(({ listed }) => listed.fileName).join(', ')
  if (!since2018 || applications.some(runsOnOlderWindows)) {
    const what = `the bundle has ${neutral.length} neutral application packages (${names})`
    say('msix-bundle-neutral-conflict', what, target)
    return
  }
  const owners = new Map<string, string>()
  for (const inner of neutral) {
    for (const { name } of familiesOf(inner)) {
      const owner = owners.get(name.toLowerCase())
      if (owner !== undefined && owner !== inner.listed.fileName) {
        const what = `the packages ${owner} and ${inner.listed.fileName} are both neutral and for ${name}`
        say('msix-bundle-neutral-conflict', what, target)
      }
      owners.set(name.toLowerCase(), inner.listed.fileName)
    }
  }
}

function runsOnOlderWindows(inner: InnerPackage): boolean {
  return familiesOf(inner).some(({ name, minVersion }) => {
    const min = parseQuad(minVersion)
    return /^windows\./i.test(name) && min !== undefined && compareQuads(min, version1809) <= 0
  })
}

function judgeArchitectures(applications: readonly InnerPackage[], say: Say): void {
  const owners = new Map<string, string>()
  for (const inner of applications) {
    const { architecture, fileName, isStub } = inner.listed
    // Assets of a flat bundle are neutral application packages that nobody starts.
    const isAsset = inner.report?.manifest?.properties.allowExecution === false
    if (architecture.toLowerCase() === 'neutral' || isStub || isAsset) continue
    const families = familiesOf(inner).map(({ name }) => name.toLowerCase())
    for (const family of families.length > 0 ? families : ['']) {
      const key = `${architecture.toLowerCase()} ${family}`
      const owner = owners.get(key)
      if (owner !== undefined && owner !== fileName) {
        say('msix-bundle-architecture-twice', `the package ${owner} is for ${architecture} as well`, fileName)
        break
      }
      owners.set(key, fileName)
    }
  }
}

const windows81: Quad = [6, 3, 0, 0]

function judgeApplication({ listed, report }: InnerPackage, say: Say): void {
  const manifest = report?.manifest
  if (manifest === undefined || manifest.kind !== 'application') return
  if (manifest.applications.length === 0 && manifest.properties.allowExecution) {
    say('msix-bundle-application-empty', 'the package declares no application', listed.fileName)
  }
  for (const text of [manifest.osMinVersion, manifest.osMaxVersionTested]) {
    const version = parseShortVersion(text ?? '')
    if (version !== undefined && compareQuads(version, windows81) < 0) {
      const what = `the package is for Windows ${text}; bundles exist since 6.3`
      say('msix-bundle-old-system', what, listed.fileName)
      return
    }
  }
}
