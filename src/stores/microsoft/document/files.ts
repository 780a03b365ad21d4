/** Where a file of a submission stands (microsoft-store.md 3.5). `None` is never stored. */
export const fileStatuses = ['None', 'PendingUpload', 'Uploaded', 'PendingDelete'] as const
export type FileStatus = (typeof fileStatuses)[number]

export interface FileEntry {
  readonly fileName: string
  readonly fileStatus: FileStatus
}
