import * as jobs from '../storage/jobs.ts'
import type { Context } from './context.ts'

/** Whether anything is running or will be due by a time. */
export async function hasWork(context: Context, until: number): Promise<boolean> {
  return context.database.read(async (tx) => (await jobs.due(tx, until, 1)).length > 0)
}
