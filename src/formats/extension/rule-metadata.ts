const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const comma = 0x2c

/**
 * Finds the largest value of a member `name` in the objects of a JSON list, in bytes as written, without parsing
 * the document: rule sets are tens of megabytes, and only this one number of them is needed.
 * Text that is no JSON gives some number or none; it is the browser that judges rules.
 */
export class MemberMeter {
  /** Bytes of the largest value so far. */
  largest = 0
  readonly #name: Buffer
  #depth = 0
  #inString = false
  #escaped = false
  /** How many bytes of the string that is being read are those of the name; -1 when it is another. */
  #matched = 0
  /** The name was read at the depth of the members, and its colon is to come. */
  #named = false
  /** Where the value began, counted from the start of the text; -1 outside of one. */
  #valueStart = -1
  #position = 0

  constructor(name: string) {
    this.#name = Buffer.from(name)
  }

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#inString) at = this.#skipString(chunk, at)
      else this.#outside(chunk[at] ?? 0, this.#position + at)
    }
    this.#position += chunk.length
  }

  /** Goes on in a string from `from`; returns the index of its last byte in this chunk. */
  #skipString(chunk: Uint8Array, from: number): number {
    const candidate = this.#depth === 2 && this.#valueStart < 0
    let escaped = this.#escaped
    let matched = this.#matched
    let at = from
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (escaped) {
        escaped = false
        matched = -1
      } else if (byte === backslash) {
        escaped = true
      } else if (byte === quote) {
        this.#inString = false
        this.#named = candidate && matched === this.#name.length
        break
      } else if (candidate && matched >= 0) {
        matched = byte === this.#name[matched] ? matched + 1 : -1
      }
    }
    this.#escaped = escaped
    this.#matched = matched
    return at
  }

  #outside(byte: number, position: number): void {
    if (byte === quote) {
      this.#inString = true
      this.#matched = 0
    } else if (byte === colon) {
      if (this.#named) this.#valueStart = position + 1
      this.#named = false
    } else if (byte === comma) {
      if (this.#depth === 2) this.#endValue(position)
    } else if (byte === 0x5b || byte === 0x7b) {
      this.#depth += 1
    } else if (byte === 0x5d || byte === 0x7d) {
      if (this.#depth === 2) this.#endValue(position)
      this.#depth -= 1
    }
  }

  #endValue(position: number): void {
    if (this.#valueStart >= 0) this.largest = Math.max(this.largest, position - this.#valueStart)
    this.#valueStart = -1
    this.#named = false
  }
}
