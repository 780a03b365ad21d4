import { parentPort } from 'node:worker_threads'
import { inspect } from '../formats/index.ts'
import { makeFile } from '../formats/makers.ts'
import { openPartsReader } from '../formats/parts-reader.ts'
import type { Answer, Request } from './inspector.ts'
import { unpackArchive } from './unpack-archive.ts'

parentPort?.on('message', async (request: Request) => {
  parentPort?.postMessage(await answer(request))
})

async function answer(request: Request): Promise<Answer> {
  try {
    await using reader = await openPartsReader(request.parts)
    if ('wanted' in request) return { result: await unpackArchive(reader, request.wanted, request.folder) }
    if ('maker' in request) {
      await makeFile(reader, request)
      return { result: { path: request.path } }
    }
    return { result: await inspect(reader, { name: request.name }) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
