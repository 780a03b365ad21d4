import { enableCompileCache } from 'node:module'

// A thread has no part in the process's compile cache until it asks: without, its start takes twice as long.
enableCompileCache()

await import('./inspection-worker.ts')
