import { enableCompileCache } from 'node:module'

enableCompileCache()

const { createProgram } = await import('./cli/program.ts')
await createProgram().parseAsync()
