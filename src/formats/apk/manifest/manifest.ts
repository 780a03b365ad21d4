/** What `AndroidManifest.xml` says, with references into the package's own resources followed. */
export interface Manifest {
  readonly packageName: string | undefined
  /** `versionCodeMajor` in the high 32 bits; undefined when absent. */
  readonly versionCode: bigint | undefined
  readonly versionName: string | undefined
  /** 1 when absent; for a code name the level its platform still reported. */
  readonly minSdk: number
  readonly minSdkCodename: string | undefined
  /** The minimum when absent. */
  readonly targetSdk: number
  readonly targetSdkCodename: string | undefined
  readonly maxSdk: number | undefined
  readonly compileSdk: number | undefined
  /** Name of the split this package is, undefined for a base package. */
  readonly split: string | undefined
  readonly sharedUserId: string | undefined
  readonly permissions: readonly string[]
  readonly features: readonly Feature[]
  readonly libraries: readonly Library[]
  readonly supportsScreens: SupportsScreens | undefined
  readonly compatibleScreens: readonly CompatibleScreen[]
  readonly hasApplication: boolean
  readonly label: string | undefined
  /** Entry name of the icon. */
  readonly icon: string | undefined
  readonly debuggable: boolean
  readonly testOnly: boolean
  /** Undefined when absent: the build tools and the installer then decide. */
  readonly extractNativeLibs: boolean | undefined
}

export interface Feature {
  /** Absent for an OpenGL ES requirement. */
  readonly name: string | undefined
  readonly required: boolean
  /** Major version in the high 16 bits. */
  readonly glEsVersion: number | undefined
}

export interface Library {
  readonly name: string
  readonly required: boolean
}

/** Undefined where the manifest leaves the answer to the platform. */
export interface SupportsScreens {
  readonly small: boolean | undefined
  readonly normal: boolean | undefined
  readonly large: boolean | undefined
  readonly xlarge: boolean | undefined
  readonly anyDensity: boolean | undefined
  readonly requiresSmallestWidthDp: number | undefined
  readonly compatibleWidthLimitDp: number | undefined
  readonly largestWidthLimitDp: number | undefined
}

/** Platform constants: size 200…500, density in dpi. */
export interface CompatibleScreen {
  readonly size: number | undefined
  readonly density: number | undefined
}
