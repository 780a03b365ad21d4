import type { Fact } from '../types.ts'
import type { ApkArchive } from './archive/apk-archive.ts'
import type { Manifest, SupportsScreens } from './manifest/manifest.ts'
import type { Verdict } from './signing/verify.ts'

type Facts = { readonly [name: string]: Fact }

/** Undefined values become null: a fact that is known to be absent. */
function known(values: Readonly<Record<string, Fact | undefined>>): Facts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? null]))
}

/** Facts of the manifest and of the entry names; documented in `docs/formats/apk.md`. */
export function manifestFacts(manifest: Manifest, archive: ApkArchive): Facts {
  return known({
    package: manifest.packageName,
    versionCode: versionFact(manifest.versionCode ?? 0n),
    versionName: manifest.versionName,
    minSdk: manifest.minSdk,
    minSdkCodename: manifest.minSdkCodename,
    targetSdk: manifest.targetSdk,
    targetSdkCodename: manifest.targetSdkCodename,
    maxSdk: manifest.maxSdk,
    compileSdk: manifest.compileSdk,
    split: manifest.split,
    sharedUserId: manifest.sharedUserId,
    permissions: manifest.permissions,
    features: manifest.features.map(({ name, required, glEsVersion }) =>
      known({ name, required, glEsVersion }),
    ),
    libraries: manifest.libraries.map(({ name, required }) => ({ name, required })),
    supportsScreens: manifest.supportsScreens && screensFact(manifest.supportsScreens),
    compatibleScreens: manifest.compatibleScreens.map(({ size, density }) => known({ size, density })),
    label: manifest.label,
    icon: manifest.icon,
    debuggable: manifest.debuggable,
    testOnly: manifest.testOnly,
    extractNativeLibs: manifest.extractNativeLibs,
    abis: nativeAbis(archive),
  })
}

const screensFact = (screens: SupportsScreens): Fact => known({ ...screens })

/** A number as long as JSON readers keep it exact, decimal text beyond. */
const versionFact = (version: bigint): Fact =>
  version >= BigInt(Number.MIN_SAFE_INTEGER) && version <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(version)
    : version.toString()

const mostAbis = 32

/** Folders of `lib/` that have a shared library in them, in alphabetical order. */
function nativeAbis(archive: ApkArchive): string[] {
  const abis = new Set<string>()
  for (const { name } of archive.entries) {
    const [lib, abi, file, deeper] = name.startsWith('lib/') ? name.split('/', 4) : []
    if (lib !== 'lib' || abi === undefined || deeper !== undefined || !/^[\w-]{1,32}$/.test(abi)) continue
    if (file?.endsWith('.so') && abis.size < mostAbis) abis.add(abi)
  }
  return [...abis].sort()
}

/** Facts of the signature; `undefined` for one that could not be judged. */
export function signatureFacts(verdict: Verdict | undefined): Facts {
  const signer = (certificate: { readonly sha256: string; readonly subject: string }) => ({
    sha256: certificate.sha256,
    subject: certificate.subject,
  })
  return {
    signatureVerified: verdict?.verified ?? false,
    schemes: verdict?.schemes ?? [],
    signers: verdict?.signers.map(({ certificate, scheme }) => ({ ...signer(certificate), scheme })) ?? [],
    lineage: verdict?.lineage?.map(signer) ?? [],
  }
}
