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
  #awaitsColon = false
  #valueBytes = -1

  constructor(name: string) {
    this.#name = Buffer.from(name)
  }

  feed(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.#valueBytes >= 0) this.#valueBytes += 1
      if (this.#inString) this.#inside(byte)
      else this.#outside(byte)
    }
  }

  #inside(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false
      this.#matched = -1
    } else if (byte === 0x5c) {
      this.#escaped = true
    } else if (byte === 0x22) {
      this.#inString = false
      this.#awaitsColon = this.#depth === 2 && this.#valueBytes < 0 && this.#matched === this.#name.length
    } else if (this.#matched >= 0) {
      this.#matched = byte === this.#name[this.#matched] ? this.#matched + 1 : -1
    }
  }

  #outside(byte: number): void {
    switch (byte) {
      case 0x22: // "
        this.#inString = true
        this.#matched = 0
        break
      case 0x3a: // :
        if (this.#awaitsColon) this.#valueBytes = 0
        this.#awaitsColon = false
        break
      case 0x5b: // [
      case 0x7b: // {
        this.#depth += 1
        break
      case 0x5d: // ]
      case 0x7d: // }
        if (this.#depth === 2) this.#endValue()
        this.#depth -= 1
        break
      case 0x2c: // ,
        if (this.#depth === 2) this.#endValue()
        break
    }
  }

  #endValue(): void {
    // The byte that ended the value was counted as well.
    if (this.#valueBytes >= 0) this.largest = Math.max(this.largest, this.#valueBytes - 1)
    this.#valueBytes = -1
    this.#awaitsColon = false
  }
}
