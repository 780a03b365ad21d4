import { Command, Option } from 'commander'
import { type Config, settings } from '../config.ts'
import { credentialCommand } from './credential.ts'
import { productCommand } from './product.ts'
import packageJson from '../../package.json' with { type: 'json' }

/** The command line. Every command is loaded when it is called, so that none slows the others down. */
export function createProgram(): Command {
  const program = new Command('slipway')
    .description(
      'A store submission server: the submission APIs of the Microsoft Store, the Microsoft Hardware programme,\nthe Amazon Appstore and Microsoft Edge Add-ons, for the clients that speak to them already.',
    )
    .version(packageJson.version)
    .showHelpAfterError('(slipway --help tells more)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .addHelpText(
      'after',
      `
Examples:
  slipway serve                       a sandbox on http://127.0.0.1:7070, seeded and ready
  slipway serve --port 0 --pace 0     on any free port, with instant certification
  slipway inspect extension.zip       what the store would say, without any server
  slipway product list                what the server at SLIPWAY_URL has`,
    )

  program.addCommand(serveCommand())
  program.addCommand(inspectCommand())
  program.addCommand(migrateCommand())
  program.addCommand(productCommand())
  program.addCommand(credentialCommand())
  return program
}

type Flags = { readonly [Name in keyof Config]?: string }

function withSettings(command: Command, names: readonly (keyof Config)[]): Command {
  for (const name of names) {
    const { says, env, default: fallback } = settings[name]
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <value>`
    const shown = fallback === '' ? '' : `, default ${fallback}`
    command.addOption(new Option(flag, `${says} (env ${env}${shown})`))
  }
  return command
}

function serveCommand(): Command {
  const command = new Command('serve')
    .description('serve the stores; a sandbox unless told otherwise')
    .addHelpText(
      'after',
      `
Prints one line 'listening on http://HOST:PORT' when it is ready. SIGTERM drains: running requests are
answered, jobs finish their step, nothing that was acknowledged is lost.

Examples:
  slipway serve --data ./state --seed seed.json
  SLIPWAY_MODE=store slipway serve --host 0.0.0.0 --port 8080`,
    )
    .action(async (flags: Flags) => (await import('./serve.ts')).serve(flags))
  return withSettings(command, Object.keys(settings) as (keyof Config)[])
}

function inspectCommand(): Command {
  return new Command('inspect')
    .description('say what the store would say about packages, without any server')
    .argument('<path...>', 'packages, or folders of them')
    .option('--json', 'one JSON object a line: {file, format, sound, facts, findings}')
    .addHelpText(
      'after',
      `
A folder means every file in it. Exit code 0: all sound; 1: some not; 2: not readable or wrong usage.

Examples:
  slipway inspect extension.zip
  slipway inspect --json dist/ | jq 'select(.sound | not)'`,
    )
    .action(async (paths: string[], options: { json?: true }) => {
      process.exitCode = await (await import('./inspect.ts')).inspectPaths(paths, options.json === true)
    })
}

function migrateCommand(): Command {
  const command = new Command('migrate')
    .description('bring the database up to date; serve does so too when it starts')
    .option('--check', 'only say what would run; exit code 1 when anything would')
    .option('--json', 'for a machine')
    .action(async (options: Flags & { check?: true; json?: true }) => {
      process.exitCode = await (await import('./migrate.ts')).migrateData(options)
    })
  return withSettings(command, ['data'])
}
