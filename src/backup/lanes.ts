/** Told now and then how far a copy has come. */
export interface Progress {
  readonly files: number
  readonly of: number
  /** Copied so far. */
  readonly bytes: number
}

export interface Copying {
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Ends it before its end; nothing is left behind. */
  readonly signal?: AbortSignal | undefined
}

/** Enough to read one file while others are being synced. */
const lanes = 4

/**
 * Copies some files at the same time. When one fails, no other is begun, and those under way have ended when the
 * promise rejects.
 * @param copy returns the bytes it copied
 */
export async function copyAll<T>(
  files: readonly T[],
  copy: (file: T) => Promise<number>,
  { onProgress, signal }: Copying,
): Promise<void> {
  let [next, done, bytes] = [0, 0, 0]
  let failed = false
  const lane = async () => {
    while (!failed && next < files.length) {
      signal?.throwIfAborted()
      const file = files[next++] as T
      bytes += await copy(file)
      onProgress?.({ files: ++done, of: files.length, bytes })
    }
  }
  const running = Array.from({ length: lanes }, () =>
    lane().catch((error: unknown) => {
      failed = true
      throw error
    }),
  )
  const ended = await Promise.allSettled(running)
  for (const each of ended) if (each.status === 'rejected') throw each.reason
}
