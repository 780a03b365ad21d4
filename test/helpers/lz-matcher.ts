/** A literal (`length` 1) or a copy of `length` bytes from `offset` back. */
export interface LzToken {
  readonly position: number
  readonly length: number
  readonly offset: number
}

export interface LzRules {
  readonly maxLength: number
  readonly maxOffset: number
  readonly minLength: number
  /** No match may cross these multiples. */
  readonly frame: number
}

/** Greedy parsing with a table of the last place of every three bytes: enough to exercise a decoder. */
export function* findMatches(
  data: Uint8Array,
  from: number,
  to: number,
  rules: LzRules,
  table: Map<number, number>,
): Generator<LzToken> {
  let position = from
  while (position < to) {
    const limit = Math.min(
      to,
      (Math.floor(position / rules.frame) + 1) * rules.frame,
      position + rules.maxLength,
    )
    const key = keyAt(data, position)
    const candidate = table.get(key)
    let length = 0
    if (candidate !== undefined && position - candidate <= rules.maxOffset) {
      while (position + length < limit && data[candidate + length] === data[position + length]) length += 1
    }
    if (candidate === undefined || length < rules.minLength) {
      table.set(key, position)
      yield { position, length: 1, offset: 0 }
      position += 1
      continue
    }
    yield { position, length, offset: position - candidate }
    for (let i = 0; i < length; i += 1) table.set(keyAt(data, position + i), position + i)
    position += length
  }
}

function keyAt(data: Uint8Array, at: number): number {
  return (data[at] ?? 0) * 65536 + (data[at + 1] ?? 0) * 256 + (data[at + 2] ?? 0)
}
