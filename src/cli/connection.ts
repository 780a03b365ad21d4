import { type Command, Option } from 'commander'
import type { Client, SlipwayError } from '../client/index.ts'

export interface ConnectionFlags {
  readonly url: string
  readonly token?: string
  readonly json?: true
}

/** The options of every command that asks a server. */
export function withConnection(command: Command): Command {
  const url = new Option('--url <url>', 'where the server listens').env('SLIPWAY_URL')
  const token = new Option('--token <token>', 'a token of the native API').env('SLIPWAY_TOKEN')
  return command
    .addOption(url.default('http://127.0.0.1:7070'))
    .addOption(token)
    .option('--json', 'one JSON object a line, for a machine')
}

/** Wrong usage ends with 2, as everywhere in `slipway`; commands below the given one do the same. */
export function withUsageErrors(command: Command): Command {
  return command
    .showHelpAfterError(`(slipway ${command.name()} --help tells more)`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
}

/**
 * Does a command's work with a client. A failure is told on stderr with what to do next; the exit code is 1 when
 * the server refused, and 2 when it was not asked or did not answer.
 */
export async function connect(
  { url, token }: ConnectionFlags,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  if (token === undefined || token === '') {
    return fail(
      'no token',
      'Pass --token or set SLIPWAY_TOKEN; a sandbox starts with the token sandbox-token.',
      2,
    )
  }
  const { createClient, SlipwayError } = await import('../client/index.ts')
  try {
    await work(createClient({ url, token }))
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    fail(error.message, adviceFor(error), error.code === 'unreachable' || error.code === 'unreadable' ? 2 : 1)
  }
}

function fail(message: string, advice: string, code: 1 | 2): void {
  console.error(`slipway: ${message}${advice === '' ? '' : `\n${advice}`}`)
  process.exitCode = code
}

function adviceFor({ code, requestId }: SlipwayError): string {
  switch (code) {
    case 'unreachable':
      return 'Start a server with `slipway serve`, or say where one is with --url or SLIPWAY_URL.'
    case 'unreadable':
      return 'Something else listens there. Say where Slipway is with --url or SLIPWAY_URL.'
    case 'unauthenticated':
      return 'Pass a token that is good with --token or SLIPWAY_TOKEN; whoever has one makes another with `slipway credential create --kind token`.'
    case 'forbidden':
      return 'Use the token of an operator, or leave out what only operators may do.'
    case 'not_found':
      return '`slipway product list` and `slipway credential list` show what this token sees.'
    case 'conflict':
      return 'Choose another id, or leave it out to have one made.'
    case 'rate_limited':
    case 'timeout':
      return 'Try again in a moment.'
    case 'internal':
    case 'no_space':
      return `The log of the server says more${requestId === undefined ? '' : ` under the request id ${requestId}`}.`
    default:
      return ''
  }
}
