import { openCab } from '../../containers/cab.ts'
import type { CabFile } from '../../containers/cab-types.ts'
import { openZip } from '../../containers/zip.ts'
import type { ZipArchive, ZipEntry } from '../../containers/zip-types.ts'
import { createZipWriter, type WrittenEntry, type ZipWriter } from '../../containers/zip-writer.ts'
import type { Reader } from '../../types.ts'
import { type CatalogSigner, readCatalogSigner } from './authority.ts'
import { writeCatalog } from './catalog.ts'
import { digestOf, type ReadAt } from './image-digest.ts'

/** Where the archive is written and read again. */
export interface RandomAccess {
  write(bytes: Uint8Array, position: number): void
  read(position: number, length: number): Buffer
}

export interface SigningWish {
  /** As `newCatalogSigner` made it. */
  readonly key: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** The name of each folder's catalog, as its INF says; by the folder's name in lower case. */
  readonly catalogs: { readonly [folder: string]: string }
}

/** Packages of drivers have few files; a catalog of more would not fit into memory well. */
const mostMembers = 50_000

/** Names under which drivers, and not results of tests, lie in an HLK package. */
const driverFile = /\.(?:inf|sys|dll|exe|cat|pdb|bin|dat|man|mof|xml|ini)$/i

/**
 * What comes back of a driver package (microsoft-hardware.md 3.3): a ZIP with a top folder `drivers`, in it the driver
 * folders with their files untouched and a new catalog for each, signed by this server's own authority.
 * @throws Error when the package is not readable; only packages that were inspected and found sound are signed
 */
export async function signPackage(reader: Reader, out: RandomAccess, wish: SigningWish): Promise<void> {
  const start = Buffer.from(await reader.read(0, Math.min(2, reader.size))).toString('latin1')
  const signing = openSigning(out, wish)
  if (start === 'PK') await copyArchive(await openZip(reader), signing)
  else await copyCabinet(reader, signing)
  signing.finish()
}

type Signing = ReturnType<typeof openSigning>

function openSigning(out: RandomAccess, { key, time, catalogs }: SigningWish) {
  const writer: ZipWriter = createZipWriter(out)
  const signer: CatalogSigner = readCatalogSigner(key)
  const written = new Map<string, WrittenEntry[]>()
  let count = 0
  return {
    writer,
    /** Remembers a whole entry as a member of its folder's catalog. */
    keep(folder: string, entry: WrittenEntry) {
      count += 1
      if (count > mostMembers) throw new RangeError(`more than ${mostMembers} files`)
      written.set(folder, [...(written.get(folder) ?? []), entry])
    },
    finish() {
      for (const [folder, entries] of written) {
        const members = entries.map(({ name, offset, size }) => {
          const read: ReadAt = (at, length) => out.read(offset + at, length)
          return { name: baseName(name), ...digestOf(read, size) }
        })
        const catalog = writeCatalog({ members, time: new Date(time), signer })
        writer.begin(`drivers/${folder}/${catalogs[folder.toLowerCase()] ?? `${folder}.cat`}`, catalog.length)
        writer.add(catalog)
        writer.end()
      }
      writer.finish()
    },
  }
}

async function copyCabinet(reader: Reader, { writer, keep }: Signing): Promise<void> {
  const cabinet = await openCab(reader)
  let open: CabFile | undefined
  const begin = (file: CabFile) => {
    if (open === file) return
    writer.begin(`drivers/${file.path}`, file.size)
    open = file
  }
  const isReplaced = ({ path }: CabFile) => path.toLowerCase().endsWith('.cat')
  const found = await cabinet.readFolders({
    data(file, chunk) {
      if (isReplaced(file)) return
      begin(file)
      writer.add(chunk)
    },
    end(file) {
      if (isReplaced(file)) return
      begin(file)
      keep(file.path.split('/')[0] ?? '', writer.end())
      open = undefined
    },
  })
  const problem = [...cabinet.findings, ...found].find(({ severity }) => severity === 'error')
  if (problem) throw new Error(problem.message)
}

/** INFERRED: the layout of payload in HLK packages is not public; files with a driver's name are taken. */
async function copyArchive(archive: ZipArchive, { writer, keep }: Signing): Promise<void> {
  for (const entry of archive.entries.filter(isPayload)) {
    writer.begin(`drivers/package/${entry.name.slice('hck/data/'.length)}`, entry.uncompressedSize)
    for await (const chunk of archive.open(entry)) writer.add(chunk)
    keep('package', writer.end())
  }
}

function isPayload({ name, isDirectory }: ZipEntry): boolean {
  return (
    !isDirectory &&
    name.toLowerCase().startsWith('hck/data/') &&
    (driverFile.test(name) || !baseName(name).includes('.'))
  )
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
