/** A backup or restore that was not done; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}
