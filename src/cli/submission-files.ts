import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openZip } from '../formats/containers/zip.ts'
import { openFileReader } from '../formats/file-reader.ts'

/** The files that a submission names, in a ZIP or in a folder. */
export interface SubmissionFiles extends AsyncDisposable {
  /** Why there is nothing to look in; null when there is. */
  readonly problem: 'no_upload' | 'unreadable' | null
  /** Where a file's bytes are; undefined when there is no such file. `/` and `\` in names are the same. */
  find(name: string): Promise<string | undefined>
}

const nothing: SubmissionFiles = {
  problem: 'no_upload',
  find: async () => undefined,
  [Symbol.asyncDispose]: async () => {},
}

/** @param path of a ZIP or a folder; nothing is there when absent */
export async function openFiles(path: string | undefined): Promise<SubmissionFiles> {
  if (path === undefined) return nothing
  return (await stat(path)).isDirectory() ? folder(path) : archive(path)
}

function folder(path: string): SubmissionFiles {
  return {
    problem: null,
    async find(name) {
      const found = resolve(path, ...name.split(/[\\/]/))
      if (relative(path, found).split(sep).includes('..')) return undefined
      const isFile = await stat(found).then(
        (one) => one.isFile(),
        () => false,
      )
      return isFile ? found : undefined
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** What is asked for is unpacked under a number: names from the archive never become paths. */
async function archive(path: string): Promise<SubmissionFiles> {
  const reader = await openFileReader(path)
  const zip = await openZip(reader)
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-inspect-'))
  const pathOf = (name: string) => name.replaceAll('\\', '/')
  let unpacked = 0
  return {
    problem: zip.findings.some(({ severity }) => severity === 'error') ? 'unreadable' : null,
    async find(name) {
      const entry = zip.entries.find((one) => !one.isDirectory && pathOf(one.name) === pathOf(name))
      if (!entry) return undefined
      const to = join(scratch, String(unpacked++))
      await pipeline(zip.open(entry), createWriteStream(to))
      return to
    },
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

/** The first bytes of a file, as far as an image's header may reach. */
export async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path, 'r')
  const bytes = Buffer.alloc(512 * 1024)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
  return bytes.subarray(0, bytesRead)
}
