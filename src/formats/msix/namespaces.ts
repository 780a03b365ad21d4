/** Namespaces of the package manifest. */
export const windows10 = 'http://schemas.microsoft.com/appx/manifest/foundation/windows10'
export const windows8 = 'http://schemas.microsoft.com/appx/2010/manifest'

const uap = 'http://schemas.microsoft.com/appx/manifest/uap/windows10'

/** `uap` itself is 1. */
export const uapNamespace = (generation: number): string => (generation === 1 ? uap : `${uap}/${generation}`)

export const isRestrictedCapabilities = (uri: string): boolean =>
  uri.startsWith(`${windows10}/restrictedcapabilities`)

/** Every schema of the manifest, of any year, has its namespace below this. */
export const isMicrosoft = (uri: string): boolean => uri.startsWith('http://schemas.microsoft.com/')
