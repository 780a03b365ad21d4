/** Where the log goes. */
export function stderr() {
  return { terminal: process.stderr.isTTY === true, write: (line: string) => void process.stderr.write(line) }
}
