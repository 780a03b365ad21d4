import { createInspector, type Inspector } from '../../src/engine/inspector.ts'

const inspector = createInspector()

/**
 * The real inspector, one for all servers of a test file: starting a thread takes longer than most tests.
 * Servers that are given it leave it running; its threads keep no process alive.
 */
export const sharedInspector: Inspector = {
  inspect: (request) => inspector.inspect(request),
  unpack: (request) => inspector.unpack(request),
  make: (request) => inspector.make(request),
  [Symbol.asyncDispose]: async () => {},
}
