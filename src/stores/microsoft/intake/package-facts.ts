import type { Fact, Package } from '../../../engine/index.ts'
import type { PackageEntry } from '../document/packages.ts'

/** An entry whose file was read: it has an id and says what the package says of itself. */
export function filledPackage(entry: PackageEntry, { id, facts }: Package): PackageEntry {
  return {
    ...entry,
    fileStatus: 'Uploaded',
    id,
    version: textOf(facts.version),
    architecture: textOf(facts.architecture),
    targetPlatform: platformOf(facts.osMinVersion),
    languages: textsOf(facts.languages),
    capabilities: textsOf(facts.capabilities),
    targetDeviceFamilies: familiesOf(facts.targetDeviceFamilies),
  }
}

/** `Name Publisher`: a name has no blanks, so the two can be told apart again. */
export function identityOf(facts: { readonly [name: string]: Fact }): string | null {
  const { name, publisher } = facts
  if (typeof name !== 'string' || typeof publisher !== 'string' || name === '' || publisher === '')
    return null
  return `${name} ${publisher}`
}

export function partsOfIdentity(identity: string): { name: string; publisher: string } {
  const blank = identity.indexOf(' ')
  if (blank < 0) return { name: identity, publisher: '' }
  return { name: identity.slice(0, blank), publisher: identity.slice(blank + 1) }
}

/** `None` for packages from before Windows 10 (microsoft-store.md 2.8). */
function familiesOf(fact: Fact | undefined): string[] {
  if (!Array.isArray(fact) || fact.length === 0) return ['None']
  return (fact as readonly Fact[]).flatMap((family) => {
    if (typeof family !== 'object' || family === null || !('minVersion' in family)) return []
    return [`${textOf(family.name)} min version ${textOf(family.minVersion)}`]
  })
}

/** Live packages say `Windows10`; the older names are those of listings' platforms (INFERRED). */
function platformOf(osMinVersion: Fact | undefined): string {
  if (typeof osMinVersion !== 'string') return 'Windows10'
  if (osMinVersion.startsWith('6.2')) return 'Windows80'
  return osMinVersion.startsWith('6.3') ? 'Windows81' : 'Windows10'
}

function textOf(fact: Fact | undefined): string {
  return typeof fact === 'string' ? fact : ''
}

function textsOf(fact: Fact | undefined): string[] {
  return Array.isArray(fact) ? fact.filter((one) => typeof one === 'string') : []
}
