import { isReservedName } from './identity.ts'

/** A file's place in the package as Windows and the block map write it: `Assets\Logo.png`. */
export type PackagePath = string

/** What identifies a file: Windows does not tell letter cases apart. */
export const pathKey = (path: PackagePath): string => path.normalize('NFC').toLowerCase()

/** The key of a footprint file, whose name needs no decoding. */
export const footprintKey = (entryName: string): string => pathKey(entryName.replaceAll('/', '\\'))

/**
 * The file an entry of the archive holds. Packers store part names of the Open Packaging Conventions:
 * percent-encoded UTF-8, `/` between folders.
 * @returns undefined when the name can't be decoded.
 */
export function decodeFileName(entryName: string): PackagePath | undefined {
  if (entryName.includes('\\')) return undefined
  let decoded: string
  try {
    decoded = entryName.includes('%') ? decodeURIComponent(entryName) : entryName
  } catch {
    return undefined
  }
  // An encoded separator would make one name of the archive two folders on disk.
  if (/%(?:2f|5c)/i.test(entryName)) return undefined
  return decoded.replaceAll('/', '\\')
}

/** Characters that a part name only has percent-encoded. */
export const hasUnencodedCharacters = (entryName: string): boolean =>
  /[^\u0021-\u007e]|[[\]{}]/.test(entryName)

/** Why Windows can't unpack a file to this path; undefined when it can. */
export function pathProblem(path: PackagePath): string | undefined {
  if (path === '' || path.length > 32767) return 'its name is empty or too long'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f<>:"|?*/\ufffe\uffff]/.test(path))
    return 'its name has a character Windows does not allow'
  if (!path.isWellFormed()) return 'its name has half a character in it'
  for (const segment of path.split('\\')) {
    if (segment === '') return 'its name has an empty folder in it'
    if (segment.length > 255) return 'a part of its name is longer than 255 characters'
    if (segment.endsWith(' ')) return 'a part of its name ends in a space'
    if (isReservedName(segment)) return `Windows does not allow the name ${segment}`
  }
  return undefined
}
