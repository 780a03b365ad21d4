import { DamagedBlob, type LocalBlob } from '../blobs/blob-store.ts'
import type { Context } from './context.ts'
import type { Package } from './types.ts'

/**
 * The package with what its inspection found. Changes nothing.
 * @throws InspectionFailed when there is no verdict; DamagedBlob when the bytes are not those that were put
 */
export async function inspectPackage(context: Context, pack: Package): Promise<Package> {
  await using local = await context.blobs.local(pack.blob)
  assertSize(local, pack)
  const { format, sound, facts, findings } = await context.inspector.inspect({
    parts: local.parts,
    name: pack.fileName,
    size: pack.size,
  })
  return { ...pack, inspectedAt: context.clock.now(), format, sound, facts, findings }
}

/** Where the bytes lie on this machine's own disk nobody has looked at them since they were put. */
export function assertSize(local: LocalBlob, { blob, size }: Pick<Package, 'blob' | 'size'>): void {
  const found = local.parts.reduce((sum, part) => sum + part.size, 0)
  if (found !== size) throw new DamagedBlob(`${blob} has ${found} bytes, not ${size}`)
}
