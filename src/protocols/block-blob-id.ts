const mostBytes = 64

/** A block's name: Base64 of at most 64 bytes. */
export function isBlockId(text: string): boolean {
  const most = Math.ceil(mostBytes / 3) * 4
  if (text === '' || text.length > most || text.length % 4 !== 0) return false
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Buffer.byteLength(text, 'base64') <= mostBytes
}
