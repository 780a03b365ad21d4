import type { Context } from './context.ts'
import type { Package } from './types.ts'

/**
 * The package with what its inspection found. Changes nothing.
 * @throws InspectionFailed when there is no verdict
 */
export async function inspectPackage(context: Context, pack: Package): Promise<Package> {
  await using local = await context.blobs.local(pack.blob)
  const { format, sound, facts, findings } = await context.inspector.inspect({
    parts: local.parts,
    name: pack.fileName,
    size: pack.size,
  })
  return { ...pack, inspectedAt: context.clock.now(), format, sound, facts, findings }
}
