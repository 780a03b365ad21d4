import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Guardian {
  /** The process group to end. */
  guard(processGroup: number | undefined): void
  /** Ends what is left of the group, and what left it. */
  sweep(): Promise<void>
  /** Everything was cleaned up in order; nothing is left to do. */
  dismiss(): void
}

/**
 * Waits until its input closes, which happens however this process ends. Then, unless it was dismissed, it sweeps
 * and removes the folder. A daemon leaves the group of whoever started it but keeps its environment, by which
 * it is found where there is a /proc.
 */
const script = `
folder=$1
mark=$2
group=
sweep() {
  [ -n "$group" ] && kill -KILL -- "-$group" 2>/dev/null
  for round in 1 2 3 4 5 6 7 8; do
    found=$(grep -ls "$mark" /proc/[0-9]*/environ 2>/dev/null)
    [ -n "$found" ] || return 0
    for environ in $found; do
      process=\${environ#/proc/}
      kill -KILL "\${process%/environ}" 2>/dev/null
    done
  done
}
while read -r word value; do
  case "$word" in
    guard) group=$value ;;
    sweep) sweep; echo swept ;;
    dismiss) exit 0 ;;
  esac
done
sweep
[ -n "$folder" ] && rm -rf -- "$folder"
exit 0
`

/**
 * Makes sure that not even SIGKILL leaves a child or a folder behind. Where there is no POSIX shell, only an
 * orderly end cleans up.
 * @param folder removed if this process dies; empty for none
 * @param mark what the environment of the child and of all it starts contains, and no other
 */
export function startGuardian(folder: string, mark: string): Guardian {
  if (process.platform === 'win32') return { guard: () => {}, sweep: async () => {}, dismiss: () => {} }
  const guardian = spawn('/bin/sh', ['-c', script, 'sh', folder, mark], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    // Without this process's environment, so that the guardian of an enclosing run does not end this one.
    env: { PATH: '/usr/bin:/bin:/usr/local/bin' },
  })
  guardian.on('error', () => {})
  guardian.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve) => guardian.once('close', () => resolve()))
  const lines = createInterface({ input: guardian.stdout })
  return {
    guard: (processGroup) => void guardian.stdin.write(`guard ${processGroup ?? ''}\n`),
    async sweep() {
      const swept = new Promise<void>((resolve) => lines.once('line', () => resolve()))
      guardian.stdin.write('sweep\n')
      await Promise.race([swept, ended])
    },
    dismiss: () => void guardian.stdin.end('dismiss\n'),
  }
}
