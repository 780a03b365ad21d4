import { createHash, hash } from 'node:crypto'
import { ZipError } from '../containers/zip.ts'
import type { ZipEntry } from '../containers/zip-types.ts'
import { type BlockMap, type BlockMapFile, blockSize, type HashName, hashLengths } from './block-map.ts'
import { packedSizes, type Source, unpack } from './content.ts'
import type { PackagePath } from './file-name.ts'
import type { MsixFindings, Say } from './findings.ts'
import { footprint, mayMissInBlockMap, neverInBlockMap } from './footprint.ts'
import type { RecordDigest } from './record-digest.ts'

/** A file of the package: its place, and the entry it is in. */
export interface PackageFile {
  readonly path: PackagePath
  readonly entry: ZipEntry
}

/** By pathKey. */
export type PackageFiles = ReadonlyMap<string, PackageFile>

/**
 * Verifies every file of the package against its block map, in the order of the archive's bytes, each read once;
 * `digest` sees those bytes too.
 */
export async function verifyPayload(
  source: Source,
  files: PackageFiles,
  blockMap: BlockMap,
  digest: RecordDigest | undefined,
  findings: MsixFindings,
): Promise<void> {
  const { say } = findings
  const ordered = [...files].sort(([, a], [, b]) => a.entry.headerOffset - b.entry.headerOffset)
  for (const [key, { path, entry }] of ordered) {
    if (neverInBlockMap.has(key)) continue
    const file = blockMap.files.get(key)
    if (file === undefined) {
      if (mayMissInBlockMap.has(key)) continue
      say('msix-block-map-unlisted-file', 'the block map does not list it', path)
      continue
    }
    if (!agreesWithEntry(source, entry, file, path, say)) continue
    await digest?.advance(entry.headerOffset)
    await verifyFile(source, entry, file, blockMap.hashName, digest, path, findings)
  }
  for (const [key, file] of blockMap.files) {
    if (files.has(key) || neverInBlockMap.has(key)) continue
    const lists = `it lists ${file.name}, which is not in the package`
    say('msix-block-map-extra-file', lists, footprint.blockMap)
  }
}

/** Whether the blocks can be compared with the content. */
function agreesWithEntry(
  { archive }: Source,
  entry: ZipEntry,
  file: BlockMapFile,
  path: PackagePath,
  say: Say,
): boolean {
  const { uncompressedSize, method } = entry
  const extent = archive.extent(entry)
  const headerSize = extent === undefined ? undefined : extent.dataOffset - entry.headerOffset
  if (file.headerSize !== undefined && file.headerSize !== headerSize) {
    const sizes = `its LfhSize is ${file.headerSize}, its local file header has ${headerSize} bytes`
    say('msix-block-map-header-size', sizes, path)
  }
  if (file.size !== uncompressedSize) {
    say('msix-block-map-size', `the block map gives ${file.size} bytes, it has ${uncompressedSize}`, path)
    return false
  }
  const blocks = Math.ceil(file.size / blockSize)
  if (file.blockCount !== blocks) {
    say('msix-block-map-block-count', `it has ${blocks} blocks, the block map lists ${file.blockCount}`, path)
    return false
  }
  if (method === 0) {
    if (file.compressedSizes.some((size) => size >= 0)) {
      say('msix-block-map-compressed-size', 'it is stored, but its blocks have a compressed Size', path)
    }
  } else if (blocks > 0 && packedSizes(entry, file) === undefined) {
    const problem = `its blocks do not add up to its ${entry.compressedSize} compressed bytes`
    say('msix-block-map-compressed-size', problem, path)
  }
  return true
}

async function verifyFile(
  source: Source,
  entry: ZipEntry,
  file: BlockMapFile,
  hashName: HashName,
  digest: RecordDigest | undefined,
  path: PackagePath,
  { say, addAll }: MsixFindings,
): Promise<void> {
  const sizes = entry.method !== 0 && file.blockCount > 0 ? packedSizes(entry, file) : undefined
  const dependent = (index: number) =>
    say('msix-block-not-independent', `its blocks from ${index} on can not be unpacked on their own`, path)
  const packed = sizes === undefined ? undefined : { sizes, dependent }
  const checker = new BlockChecker(file, hashName)
  const whole = file.fileHash === undefined ? undefined : createHash(hashName)
  try {
    for await (const chunk of unpack(source, entry, packed, digest)) {
      checker.update(chunk)
      whole?.update(chunk)
    }
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    addAll([error.toFinding()])
    return
  }
  checker.end()
  const { bad, firstBad } = checker
  if (bad > 0) {
    const which = bad === 1 ? `block ${firstBad}` : `${bad} blocks, the first of them ${firstBad},`
    say('msix-block-map-hash', `${which} of ${file.blockCount} does not have the hash in the block map`, path)
  } else if (whole !== undefined && file.fileHash !== undefined && !whole.digest().equals(file.fileHash)) {
    say('msix-block-map-file-hash', 'it does not have the FileHash in the block map', path)
  }
}

/** Compares a stream of content with the hashes of its blocks. */
class BlockChecker {
  bad = 0
  firstBad = 0
  readonly #file: BlockMapFile
  readonly #hashName: HashName
  readonly #hashLength: number
  #index = 0
  #carry: Uint8Array | undefined
  #carried = 0

  constructor(file: BlockMapFile, hashName: HashName) {
    this.#file = file
    this.#hashName = hashName
    this.#hashLength = hashLengths[hashName]
  }

  update(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#carried === 0 && rest.length >= blockSize) {
        this.#compare(rest.subarray(0, blockSize))
        rest = rest.subarray(blockSize)
        continue
      }
      this.#carry ??= new Uint8Array(blockSize)
      const taken = rest.subarray(0, blockSize - this.#carried)
      this.#carry.set(taken, this.#carried)
      this.#carried += taken.length
      rest = rest.subarray(taken.length)
      if (this.#carried === blockSize) this.end()
    }
  }

  end(): void {
    if (this.#carried > 0) this.#compare((this.#carry ?? new Uint8Array(0)).subarray(0, this.#carried))
    this.#carried = 0
  }

  #compare(block: Uint8Array): void {
    const start = this.#index * this.#hashLength
    const expected = this.#file.hashes.subarray(start, start + this.#hashLength)
    if (!hash(this.#hashName, block, 'buffer').equals(expected)) {
      if (this.bad === 0) this.firstBad = this.#index
      this.bad += 1
    }
    this.#index += 1
  }
}
