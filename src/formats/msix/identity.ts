/** Device names, which no file on Windows and so no package may have. */
const deviceName = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i

/** True for what Windows refuses as the name of a file or folder and as a package identifier. */
export const isReservedName = (name: string): boolean =>
  deviceName.test(name) || name === '.' || name === '..' || name.endsWith('.')

function isIdentifier(text: string): boolean {
  if (!/^[-.A-Za-z0-9]+$/.test(text) || isReservedName(text)) return false
  const folded = text.toLowerCase()
  return !folded.startsWith('xn--') && !folded.includes('.xn--')
}

/** ST_PackageName, and the names the Identity element's documentation rules out. */
export const isPackageName = (text: string): boolean =>
  text.length >= 3 && text.length <= 50 && isIdentifier(text)

/** ST_ResourceId. */
export const isResourceId = (text: string): boolean =>
  text.length >= 1 && text.length <= 30 && isIdentifier(text)

/** ST_ApplicationId: dotted identifiers, each starting with a letter, 64 characters together. */
export function isApplicationId(text: string): boolean {
  if (text.length > 64) return false
  return text.split('.').every((each) => /^[A-Za-z][A-Za-z0-9]*$/.test(each) && !isReservedName(each))
}

/** The Store's spelling of an architecture (microsoft-store.md 2.8), by the manifest's. */
const storeArchitectures = new Map([
  ['x86', 'x86'],
  ['x64', 'x64'],
  ['arm', 'ARM'],
  ['arm64', 'ARM64'],
  ['neutral', 'Neutral'],
  ['x86a64', 'x86a64'],
])

/** Undefined for what ST_Architecture does not list. */
export const storeArchitecture = (manifestSpelling: string): string | undefined =>
  storeArchitectures.get(manifestSpelling)

/** xs:language. */
export const isLanguageTag = (text: string): boolean =>
  text.length <= 85 && /^[A-Za-z]{1,8}$/.test(text.split('-', 1)[0] ?? '') && /^[A-Za-z0-9-]+$/.test(text)
    ? text.split('-').every((each) => each.length >= 1 && each.length <= 8)
    : false
