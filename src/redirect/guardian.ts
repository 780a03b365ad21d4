import { spawn } from 'node:child_process'

export interface Guardian {
  /** What to end and remove when this process dies without saying so. */
  guard(processGroup: number | undefined): void
  /** Everything was cleaned up in order; nothing is left to do. */
  dismiss(): void
}

/**
 * Waits until its input closes, which happens however this process ends. Then, unless it was dismissed, it ends
 * the child's process group and removes the folder.
 */
const script = `
group=
while read -r word value; do
  case "$word" in
    guard) group=$value ;;
    dismiss) exit 0 ;;
  esac
done
[ -n "$group" ] && kill -KILL -- "-$group" 2>/dev/null
[ -n "$1" ] && rm -rf -- "$1"
exit 0
`

/**
 * Makes sure that not even SIGKILL leaves a child or a folder behind. Where there is no POSIX shell, only an
 * orderly end cleans up.
 * @param folder removed if this process dies; empty for none
 */
export function startGuardian(folder: string): Guardian {
  if (process.platform === 'win32') return { guard: () => {}, dismiss: () => {} }
  const guardian = spawn('/bin/sh', ['-c', script, 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guardian.on('error', () => {})
  guardian.stdin.on('error', () => {})
  guardian.unref()
  return {
    guard: (processGroup) => void guardian.stdin.write(`guard ${processGroup ?? ''}\n`),
    dismiss: () => void guardian.stdin.end('dismiss\n'),
  }
}
