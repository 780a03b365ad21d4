/** One Ctrl-C arrives twice, from the terminal and through the launcher; nobody presses it again so fast. */
const oneKeystrokeMs = 300

/** Disposes what runs when the process is told to stop, and ends the process. */
export function stopOnSignals(running: AsyncDisposable): void {
  let askedAt: number | undefined
  const stop = async (reason: string) => {
    if (askedAt !== undefined) {
      // Asked twice means now.
      if (performance.now() - askedAt > oneKeystrokeMs) process.exit(1)
      return
    }
    askedAt = performance.now()
    console.error(`${reason}: finishing what runs`)
    await running[Symbol.asyncDispose]()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // The launcher of `npx slipway` holds the other end; when it is gone, so is whoever wanted this server.
  if (process.channel) {
    process.channel.unref()
    process.on('disconnect', () => void stop('the launcher ended'))
  }
}
