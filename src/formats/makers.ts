import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { newCatalogSigner } from './driver/signing/authority.ts'
import { signPackage } from './driver/signing/sign-package.ts'
import type { Reader } from './types.ts'

export interface Making {
  readonly maker: string
  /** The file to make; it must not exist. */
  readonly path: string
  /** As the maker's `newKey` made it. */
  readonly key: string
  /** Milliseconds since 1970: readers and makers ask no clock. */
  readonly time: number
  readonly options: { readonly [name: string]: unknown }
}

/** Something that makes one file of a package, with a key of this server's own. */
interface Maker {
  /** Which of the engine's keys it signs with. */
  readonly keyPurpose: string
  newKey(): string
  make(reader: Reader, out: OpenFile, making: Making): Promise<void>
}

type OpenFile = ReturnType<typeof openFile>

export const makers: { readonly [name: string]: Maker } = {
  /** The signed files of a driver package; `options.catalogs` names the catalog of each folder. */
  'signed-driver': {
    keyPurpose: 'driver-signing',
    newKey: newCatalogSigner,
    make: (reader, out, { key, time, options }) =>
      signPackage(reader, out, {
        key,
        time,
        catalogs: (options.catalogs ?? {}) as { [folder: string]: string },
      }),
  },
}

/** Makes a file. @throws RangeError for an unknown maker; the system's error when there is no room */
export async function makeFile(reader: Reader, making: Making): Promise<void> {
  const maker = makers[making.maker]
  if (!maker) throw new RangeError(`there is no maker '${making.maker}'`)
  const out = openFile(making.path)
  try {
    await maker.make(reader, out, making)
    fsyncSync(out.file)
  } finally {
    closeSync(out.file)
  }
}

/** Synchronous, because unpackers hand over their bytes so; makers run in threads of their own. */
function openFile(path: string) {
  const file = openSync(path, 'wx+')
  return {
    file,
    write(bytes: Uint8Array, position: number): void {
      let done = 0
      while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done)
    },
    read(position: number, length: number): Buffer {
      const bytes = Buffer.alloc(length)
      let done = 0
      while (done < length) {
        const count = readSync(file, bytes, done, length - done, position + done)
        if (count === 0) throw new RangeError('the file is shorter than what was written')
        done += count
      }
      return bytes
    },
  }
}
