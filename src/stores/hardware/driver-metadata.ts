import { createHash } from 'node:crypto'
import { architectureOf } from './os-codes.ts'
import type { InfFacts, PackageFacts } from './package-facts.ts'

/** The driver metadata file; its names are PascalCase (microsoft-hardware.md 2.7). */
export interface DriverMetadata {
  readonly BundleInfoMap: { readonly [bundleId: string]: BundleInfo }
}

interface BundleInfo {
  readonly Locales: readonly string[]
  readonly InfInfoMap: { readonly [inf: string]: InfInfo }
}

interface InfInfo {
  readonly DriverPackageFamilyId: string
  readonly InfClass: string
  readonly DriverVersion: string
  readonly DriverDate: string
  readonly ExtensionId: string | null
  readonly Provider: string
  readonly ClassGuid: string
  readonly InstallationComputerHardwareIds: readonly string[]
  readonly OSPnPInfoMap: { readonly [osCode: string]: { readonly [pnpId: string]: PnpInfo } }
}

interface PnpInfo {
  readonly Manufacturer: string
  readonly DeviceDescription: string
  readonly FeatureScore: string | null
}

/** Every id stands once for each system it is signed for; beyond so many the rest is left out. */
const mostIds = 200_000

/**
 * What the INF files of a package say of its devices: a bundle for each driver folder, in it every INF, in it every
 * requested system of a matching architecture with the ids it is for (INFERRED in microsoft-hardware.md 8.3).
 * @param submissionId bundles keep their GUIDs, because labels name them: they are made of it
 */
export function driverMetadata(
  facts: PackageFacts | undefined,
  osCodes: readonly string[],
  submissionId: string,
): DriverMetadata {
  const budget = { ids: mostIds }
  const bundles = (facts?.drivers ?? []).map(({ folder, infs }): [string, BundleInfo] => [
    bundleId(submissionId, folder),
    {
      Locales: [],
      InfInfoMap: Object.fromEntries(infs.map((inf) => [inf.name, infInfo(inf, osCodes, budget)])),
    },
  ])
  return { BundleInfoMap: Object.fromEntries(bundles) }
}

function infInfo(inf: InfFacts, osCodes: readonly string[], budget: { ids: number }): InfInfo {
  const { name, provider, driverDate, classGuid } = inf
  return {
    DriverPackageFamilyId: `${provider ?? ''}-${name}`,
    InfClass: inf.class ?? '',
    DriverVersion: inf.driverVersion ?? '0.0.0.0',
    DriverDate: `${driverDate ?? '0001-01-01'}T00:00:00`,
    ExtensionId: inf.extensionId,
    Provider: provider ?? '',
    ClassGuid: classGuid ?? '',
    InstallationComputerHardwareIds: [],
    OSPnPInfoMap: Object.fromEntries(osCodes.map((code) => [code, pnpInfos(inf, code, budget)])),
  }
}

function pnpInfos(inf: InfFacts, osCode: string, budget: { ids: number }): { [pnpId: string]: PnpInfo } {
  const architecture = architectureOf(osCode)
  const infos: { [pnpId: string]: PnpInfo } = {}
  for (const model of inf.models) {
    if ((model.architecture || 'x86') !== architecture) continue
    for (const id of model.hardwareIds) {
      if (budget.ids === 0) return infos
      budget.ids -= 1
      infos[id.toLowerCase()] ??= {
        Manufacturer: model.manufacturer,
        DeviceDescription: model.description,
        FeatureScore: null,
      }
    }
  }
  return infos
}

/** A GUID that a folder of a submission always has. */
function bundleId(submissionId: string, folder: string): string {
  const hash = createHash('sha256').update(`${submissionId}\n${folder.toLowerCase()}`).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

/** What a shipping label may name, each as one text without regard to case (microsoft-hardware.md 2.5). */
export function targetsOf({ BundleInfoMap }: DriverMetadata): ReadonlySet<string> {
  const targets = new Set<string>()
  for (const [bundle, { InfInfoMap }] of Object.entries(BundleInfoMap)) {
    for (const [inf, { OSPnPInfoMap }] of Object.entries(InfInfoMap)) {
      for (const [code, ids] of Object.entries(OSPnPInfoMap)) {
        for (const id of Object.keys(ids)) targets.add(targetKey(bundle, inf, code, id))
      }
    }
  }
  return targets
}

export function targetKey(bundleId: string, infId: string, osCode: string, pnpString: string): string {
  return [bundleId, infId, osCode, pnpString].join('\n').toLowerCase()
}
