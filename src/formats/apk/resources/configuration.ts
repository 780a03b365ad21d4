/** The part of a `ResTable_config` that decides between candidates. */
export interface Configuration {
  /** For every device: no qualifier at all. */
  readonly isDefault: boolean
  /** Two bytes of the language qualifier; 0 for every language. */
  readonly language: number
  /** Dots per inch; 0 unspecified, {@link anyDensity} for vectors, {@link noDensity} for unscaled files. */
  readonly density: number
  /** How many bytes of qualifiers are set: fewer is more general. */
  readonly qualifiers: number
}

export const anyDensity = 0xfffe
export const noDensity = 0xffff

/** `bytes` begins with the structure's own size; older tools wrote shorter ones. */
export function readConfiguration(bytes: Uint8Array): Configuration {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = bytes.length < 4 ? 0 : Math.min(view.getUint32(0, true), bytes.length)
  let qualifiers = 0
  for (let at = 4; at < size; at++) if (bytes[at] !== 0) qualifiers++
  return {
    isDefault: qualifiers === 0,
    language: size >= 10 ? view.getUint16(8, true) : 0,
    density: size >= 16 ? view.getUint16(14, true) : 0,
    qualifiers,
  }
}
