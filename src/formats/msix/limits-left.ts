import type { ZipArchive } from '../containers/zip-types.ts'
import type { InspectionLimits } from '../types.ts'

/** The limits of one inspection, shared by all packages in it: a thousand packages may not each unpack to the limit. */
export class LimitsLeft {
  readonly #limits: InspectionLimits
  #unpackedBytes: number

  constructor(limits: InspectionLimits) {
    this.#limits = limits
    this.#unpackedBytes = limits.unpackedBytes
  }

  now(): InspectionLimits {
    return { ...this.#limits, unpackedBytes: this.#unpackedBytes }
  }

  take(archive: ZipArchive): void {
    let sum = 0
    for (const { uncompressedSize } of archive.entries) sum += uncompressedSize
    this.#unpackedBytes = Math.max(0, this.#unpackedBytes - sum)
  }
}
