import type { Finding, Reader } from '../types.ts'
import { entryContent, isSmall, smallContent, smallEntries } from './zip-content.ts'
import { ZipError } from './zip-error.ts'
import { ZipFindings } from './zip-findings.ts'
import type { ZipEntry, ZipExtent, ZipVerifyOptions } from './zip-types.ts'

/** Reads entries in the order of their bytes and says what does not agree with its record. */
export async function verifyContent(
  reader: Reader,
  entries: readonly ZipEntry[],
  extents: ReadonlyMap<ZipEntry, ZipExtent>,
  { wanted = () => true, onStart }: ZipVerifyOptions = {},
): Promise<Finding[]> {
  const findings = new ZipFindings()
  const ahead = smallEntries(reader)
  const ordered = entries.filter(wanted).sort((a, b) => a.headerOffset - b.headerOffset)
  for (const entry of ordered) {
    const extent = extents.get(entry)
    try {
      if (isSmall(entry)) {
        const content = await smallContent(ahead, entry, extent)
        onStart?.(entry, content)
      } else {
        let started = false
        for await (const chunk of entryContent(reader, entry, extent)) {
          if (!started) onStart?.(entry, chunk)
          started = true
        }
      }
    } catch (error) {
      if (!(error instanceof ZipError)) throw error
      findings.addError(error)
    }
  }
  return findings.list()
}
