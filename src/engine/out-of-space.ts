/** Codes the operating system uses when it can store no more. */
const systemCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** SQLite's result code for a full disk. */
const sqliteFull = 13

/** Whether an error says that the disk, quota or database is full. */
export function isOutOfSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return (typeof code === 'string' && systemCodes.has(code)) || errcode === sqliteFull
}
