/** The peer for uploads: Azurite, Microsoft's own emulator of the blob service, when it is installed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { BlobSASPermissions, BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'

/** The account and key that every Azurite has, as its documentation says. */
const account = 'devstoreaccount1'
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

export interface Azurite extends AsyncDisposable {
  readonly version: string
  /** A signed URL for a blob that is not there yet. */
  uploadUrl(name: string): Promise<string>
}

/** @returns undefined where it is not installed */
export async function startAzurite(folder: string): Promise<Azurite | undefined> {
  const require = createRequire(import.meta.url)
  const manifest = resolved(() => require.resolve('azurite/package.json'))
  if (manifest === undefined) return undefined
  const { version } = require(manifest) as { version: string }
  const main = join(dirname(manifest), 'dist/src/blob/main.js')
  const flags = ['--blobPort', '0', '--location', folder, '--skipApiVersionCheck', '--disableTelemetry']
  const child = spawn(process.execPath, [main, ...flags, '--silent'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const origin = await originOf(child.stdout)
  const credential = new StorageSharedKeyCredential(account, accountKey)
  const container = new BlobServiceClient(`${origin}/${account}`, credential).getContainerClient('ingestion')
  await container.createIfNotExists()
  return {
    version,
    uploadUrl: (name) =>
      container.getBlockBlobClient(name).generateSasUrl({
        permissions: BlobSASPermissions.parse('rw'),
        expiresOn: new Date(Date.now() + 24 * 60 * 60 * 1000),
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function originOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const origin = /successfully listens on (http:\S+)/.exec(line)?.[1]
    if (origin !== undefined) return origin
  }
  throw new Error('Azurite ended before it was ready')
}

function resolved(resolve: () => string): string | undefined {
  try {
    return resolve()
  } catch {
    return undefined
  }
}
