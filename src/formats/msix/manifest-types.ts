export interface Identity {
  readonly name: string
  readonly publisher: string
  readonly version: string
  /** In the manifest's spelling; `neutral` where the manifest has none. */
  readonly architecture: string
  readonly resourceId: string
}

export interface DeviceFamily {
  readonly name: string
  readonly minVersion: string
  readonly maxVersionTested: string
}

export interface PackageDependency {
  readonly name: string
  readonly publisher: string | undefined
  readonly minVersion: string | undefined
}

export interface Capability {
  readonly name: string
  readonly kind: 'general' | 'restricted' | 'device' | 'custom'
}

export interface Application {
  readonly id: string
  readonly executable: string | undefined
  readonly entryPoint: string | undefined
  readonly startPage: string | undefined
  readonly displayName: string | undefined
}

/** A file the manifest names. */
export interface FileReference {
  readonly path: string
  /** Where it is named. */
  readonly target: string
  readonly kind: 'program' | 'extension' | 'image'
}

export interface Properties {
  readonly displayName: string | undefined
  readonly publisherDisplayName: string | undefined
  readonly logo: string | undefined
  readonly framework: boolean
  readonly resourcePackage: boolean
  /** False for asset packages. */
  readonly allowExecution: boolean
}

export interface Resources {
  readonly languages: readonly string[]
  readonly scales: readonly string[]
  readonly dxFeatureLevels: readonly string[]
}

/** `optional` covers modification packages. */
export type PackageKind = 'application' | 'framework' | 'resource' | 'optional'

/** What AppxManifest.xml says, as far as it could be read. */
export interface Manifest {
  readonly generation: 'windows8' | 'windows10'
  readonly identity: Identity
  readonly kind: PackageKind
  readonly properties: Properties
  readonly resources: Resources
  readonly deviceFamilies: readonly DeviceFamily[]
  /** Of Windows 8 manifests. */
  readonly osMinVersion: string | undefined
  readonly osMaxVersionTested: string | undefined
  readonly packageDependencies: readonly PackageDependency[]
  readonly mainPackages: readonly string[]
  readonly capabilities: readonly Capability[]
  readonly applications: readonly Application[]
  readonly files: readonly FileReference[]
}
