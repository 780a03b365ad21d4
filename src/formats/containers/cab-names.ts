import type { CabFindingList } from './cab-findings.ts'
import type { CabFile } from './cab-types.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The text of a stored name. Names without the UTF-8 flag are in the code page of the machine that built the
 * cabinet, which the cabinet does not tell, so each byte becomes the character of its own number.
 */
export function decodeCabName(bytes: Uint8Array, isUtf8: boolean): { name: string; broken: boolean } {
  if (!isUtf8)
    return {
      name: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'),
      broken: false,
    }
  try {
    return { name: strict.decode(bytes), broken: false }
  } catch {
    return { name: lenient.decode(bytes), broken: true }
  }
}

/** Why a path must not be unpacked, as the end of a sentence; undefined when it may. */
export function whyUnsafe(path: string): string | undefined {
  if (path.startsWith('//')) return 'is a network (UNC) path'
  if (path.startsWith('/')) return 'is an absolute path'
  if (/^[a-z]:/i.test(path)) return 'starts with a drive letter'
  if (path.includes(':')) return 'has a colon, which Windows takes for a data stream'
  if (/(?:^|\/)\.\.(?:\/|$)/.test(path)) return 'leaves the folder it is unpacked to (..)'
  if (/(?:^|\/)\.(?:\/|$)/.test(path)) return 'has a “.” folder in it'
  if (path.includes('//') || path.endsWith('/')) return 'has an empty folder or file name in it'
  return undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/

/** Judges every name by itself and against the others. */
export function checkCabNames(files: readonly CabFile[], findings: CabFindingList): void {
  const seen = new Map<string, string>()
  for (const { name, path } of files) {
    if (path === '') continue
    if (control.test(name)) findings.add('cab-name-control', name)
    const unsafe = whyUnsafe(path)
    if (unsafe !== undefined) findings.add('cab-name-unsafe', name, unsafe)
    const key = path.toLowerCase()
    const other = seen.get(key)
    if (other === path) findings.add('cab-duplicate-name', name)
    else if (other !== undefined) findings.add('cab-name-collision', name, other)
    else seen.set(key, path)
  }
  checkFilesAsFolders(seen, findings)
}

/** Sorted with the separator before every other character, what is inside a name follows it at once. */
function checkFilesAsFolders(seen: ReadonlyMap<string, string>, findings: CabFindingList): void {
  const sorted = [...seen].map(([key, path]) => ({ key: key.replaceAll('/', '\0'), path }))
  sorted.sort((a, b) => (a.key < b.key ? -1 : 1))
  sorted.forEach(({ key, path }, at) => {
    const next = sorted[at + 1]
    if (next?.key[key.length] === '\0' && next.key.startsWith(key))
      findings.add('cab-name-collision', path, next.path)
  })
}
