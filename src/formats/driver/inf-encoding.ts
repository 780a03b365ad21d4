export type InfEncoding = 'utf-16le' | 'utf-16be' | 'utf-8' | 'windows-1252'

/**
 * The text of an INF file, and how it was stored. Windows takes UTF-16 only with a byte order mark; without one
 * a file is UTF-8 when it is valid as that, and ANSI otherwise (microsoft-hardware.md 8.3).
 */
export function decodeInf(bytes: Uint8Array): { readonly text: string; readonly encoding: InfEncoding } {
  const encoding = encodingOf(bytes)
  if (encoding !== undefined) return { text: decodeAs(bytes, encoding), encoding }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' }
  } catch {
    return { text: decodeAs(bytes, 'windows-1252'), encoding: 'windows-1252' }
  }
}

function encodingOf([a, b, c]: Uint8Array): InfEncoding | undefined {
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  return undefined
}

function decodeAs(bytes: Uint8Array, encoding: InfEncoding): string {
  return new TextDecoder(encoding).decode(bytes)
}
