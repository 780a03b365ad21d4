import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { mock } from 'node:test'
import { type Command, CommanderError } from 'commander'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command in this process and catches what it says. */
export async function runCommand(command: Command, args: readonly string[]): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const log = mock.method(console, 'log', (line: string) => out.push(`${line}\n`))
  const error = mock.method(console, 'error', (line: string) => err.push(`${line}\n`))
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({
      writeOut: (part) => out.push(part),
      writeErr: (part) => err.push(part),
    })
  }
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await command.parseAsync(args, { from: 'user' })
    return { code: Number(process.exitCode ?? 0), out: out.join(''), err: err.join('') }
  } catch (usage) {
    if (!(usage instanceof CommanderError)) throw usage
    return { code: usage.exitCode === 0 ? 0 : 2, out: out.join(''), err: err.join('') }
  } finally {
    process.exitCode = before
    log.mock.restore()
    error.mock.restore()
  }
}

const source = new URL('../../src/', import.meta.url).href

/**
 * Runs a command in a process of its own, with the given environment only.
 * @param factory the function that makes the command, such as `cli/product.ts#productCommand`
 */
export async function spawnCommand(
  factory: string,
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: { readonly [name: string]: string }; stdin?: string } = {},
): Promise<Ran> {
  const [file, name] = factory.split('#')
  const script = `
    const { ${name}: make } = await import(${JSON.stringify(`${source}${file}`)})
    await make().parseAsync(process.argv.slice(1), { from: 'user' })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args], { env })
  child.stdin.end(stdin)
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out, err }
}
