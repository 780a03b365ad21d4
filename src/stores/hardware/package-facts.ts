import type { Package } from '../../engine/index.ts'

/** What the driver format says of INF files, as far as it is used here (`docs/formats/driver.md`). */
export interface InfFacts {
  readonly name: string
  readonly class: string | null
  readonly classGuid: string | null
  readonly provider: string | null
  readonly driverVersion: string | null
  readonly driverDate: string | null
  readonly extensionId: string | null
  readonly catalogFile: string | null
  readonly isExtension: boolean
  readonly isDeclarative: boolean
  readonly isUniversal: boolean
  readonly architectures: readonly string[]
  readonly models: readonly ModelFacts[]
}

export interface ModelFacts {
  readonly architecture: string
  readonly manufacturer: string
  readonly description: string
  readonly hardwareIds: readonly string[]
}

export interface DriverFacts {
  readonly folder: string
  readonly infs: readonly InfFacts[]
}

export interface PackageFacts {
  readonly container: 'cab' | 'hlkx' | null
  readonly architectures: readonly string[]
  readonly drivers: readonly DriverFacts[]
  readonly packageInfo: { readonly osCodes: readonly string[] } | null
}

/** The facts of a submission's one package; undefined before it was judged. */
export function factsOf(packages: readonly Package[]): PackageFacts | undefined {
  const facts = packages[0]?.facts
  if (!facts) return undefined
  const { container = null, architectures = [], drivers = [], packageInfo = null } = facts
  return { container, architectures, drivers, packageInfo } as unknown as PackageFacts
}

export function infsOf(facts: PackageFacts | undefined): InfFacts[] {
  return facts?.drivers.flatMap(({ infs }) => infs) ?? []
}
