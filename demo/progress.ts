/** Does a piece of work and says so, with the time it took. */
export async function progress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  if (process.stdout.isTTY) process.stdout.write(`  …  ${what}`)
  try {
    const result = await work()
    report('ok', what, performance.now() - start)
    return result
  } catch (error) {
    report('!!', what, performance.now() - start)
    throw error
  }
}

function report(mark: string, what: string, milliseconds: number): void {
  const clear = process.stdout.isTTY ? '\r\x1b[K' : ''
  console.log(`${clear}  ${mark}  ${what.padEnd(58)} ${milliseconds.toFixed(0).padStart(5)} ms`)
}
