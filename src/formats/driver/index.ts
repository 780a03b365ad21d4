import { defaultLimits, type Format, type Inspection, type InspectionLimits, type Reader } from '../types.ts'
import { inspectDriverCab } from './driver-cab.ts'
import { inspectHlkx } from './hlkx.ts'

/**
 * Packages of the Microsoft Hardware programme (microsoft-hardware.md 3.6): signed cabinets with driver folders for
 * attestation, and HLK or HCK packages. What the bytes are is told by their start, not by the file's name.
 */
export const driver: Format = {
  name: 'driver',
  extensions: ['.cab', '.hlkx', '.hckx'],
  async inspect(reader, limits = defaultLimits) {
    const inspection = await inspectByContent(reader, limits)
    const sound = inspection.findings.every(({ severity }) => severity !== 'error')
    return { ...inspection, sound }
  },
}

async function inspectByContent(
  reader: Reader,
  limits: InspectionLimits,
): Promise<Omit<Inspection, 'sound'>> {
  const start = Buffer.from(await reader.read(0, Math.min(2, reader.size))).toString('latin1')
  return start.startsWith('PK') ? inspectHlkx(reader, limits) : inspectDriverCab(reader, limits)
}
