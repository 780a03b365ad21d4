import type { Format } from '../types.ts'
import { inspectApk } from './inspect.ts'

/** Android packages. Facts and findings: `docs/formats/apk.md`. */
export const apk: Format = { name: 'apk', extensions: ['.apk'], inspect: inspectApk }
