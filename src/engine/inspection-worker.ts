import { parentPort } from 'node:worker_threads'
import { openFileReader } from '../formats/file-reader.ts'
import { inspect } from '../formats/index.ts'
import type { InspectionRequest } from './inspector.ts'

parentPort?.on('message', async ({ path, name }: InspectionRequest) => {
  try {
    await using reader = await openFileReader(path)
    parentPort?.postMessage({ inspection: await inspect(reader, { name }) })
  } catch (error) {
    parentPort?.postMessage({
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
})
