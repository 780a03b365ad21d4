import { Command, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { type Config, settings } from '../config.ts'
import { credentialCommand } from './credential.ts'
import { productCommand } from './product.ts'
import type { RunOptions } from './run.ts'

/** The command line. Every command is loaded when it is called, so that none slows the others down. */
export function createProgram(): Command {
  const program = new Command('slipway')
    .description(
      'A store submission server: the submission APIs of the Microsoft Store, the Microsoft Hardware programme,\nthe Amazon Appstore and Microsoft Edge Add-ons, for the clients that speak to them already.',
    )
    .enablePositionalOptions()
    .version(packageJson.version)
    .showHelpAfterError('(slipway --help tells more)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .addHelpText(
      'after',
      `
Examples:
  slipway serve                       a sandbox on http://127.0.0.1:7070, seeded and ready
  slipway serve --port 0 --pace 0     on any free port, with instant certification
  slipway run -- ./release.sh         a client with hard-coded hosts, against a sandbox of its own
  slipway inspect extension.zip       what the store would say, without any server
  slipway product list                what the server at SLIPWAY_URL has`,
    )

  for (const command of [
    serveCommand(),
    workerCommand(),
    runCommand(),
    inspectCommand(),
    migrateCommand(),
    backupCommand(),
    restoreCommand(),
    productCommand(),
    credentialCommand(),
    keyCommand(),
  ]) {
    // Without them, wrong usage of a command would end with 1 and not with 2.
    program.addCommand(command.copyInheritedSettings(program))
  }
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

function workerCommand(): Command {
  const command = new Command('worker')
    .description('perform the jobs of servers that share a PostgreSQL, and serve nothing')
    .addHelpText(
      'after',
      `
Any number of them may run beside any number of slipway serve; give a server SLIPWAY_JOBS=0 and it performs none
itself. Prints one line 'working' when it is ready. SIGTERM drains: jobs finish their step, and what has not begun is
left to others. What a killed one was doing begins again elsewhere within seconds.

Examples:
  DATABASE_URL=postgres://slipway@db/slipway slipway worker --jobs 8`,
    )
    .action(async (flags: Flags) => (await import('./worker.ts')).work(flags))
  return withSettings(command, [...ofWorker])
}

/** What of the settings is not about answering requests; the rest may be in the environment that both share. */
const ofWorker = [
  'mode',
  'data',
  'database',
  'blobs',
  'jobs',
  'review',
  'pace',
  'steps',
  'log',
  'drainMs',
] as const

function runCommand(): Command {
  return new Command('run')
    .description('run a publishing client against a sandbox of its own, unmodified')
    .argument('<command...>', 'the client and its arguments, after --')
    .passThroughOptions()
    .option(
      '--seed <file>',
      'accounts, credentials and products of the sandbox; the default seed when absent',
    )
    .option('--data <dir>', 'keep the data there; a temporary folder when absent')
    .option('--keep', 'leave the temporary folder')
    .option('--faults <file>', 'what is to go wrong (docs/faults.md)')
    .option('--report <file>', 'write the summary as JSON, to assert on')
    .option('--pace <factor>', 'factor on how long lifecycle steps take; 0 makes them instant')
    .option('--steps <list>', 'milliseconds of single steps, as in edge.InReview=0')
    .option('--isolated', 'namespaces instead of a proxy, for clients that know no proxy (Linux, root)')
    .addHelpText(
      'after',
      `
The stores' host names lead to the sandbox, every other host is refused, and the certificate is trusted by the
client alone: HTTPS_PROXY, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE are set for it, and
the seed's credentials as SLIPWAY_CLIENT_ID, SLIPWAY_API_KEY, SLIPWAY_EDGE_PRODUCT_ID and so on. The exit code is the
client's; a summary of its requests and of what came of them goes to stderr.

Examples:
  slipway run -- npx publish-extension --edge-zip dist.zip
  slipway run --report report.json -- ./release.sh
  slipway run --isolated -- ./client-that-knows-no-proxy`,
    )
    .action(async (command: string[], options: RunOptions) => {
      process.exitCode = await (await import('./run.ts')).run(command, options)
    })
}

function inspectCommand(): Command {
  return new Command('inspect')
    .description('say what the store would say about packages, without any server')
    .argument('<path...>', 'packages, or folders of them; with --store a document and its ZIP or folder')
    .option('--store <name>', 'the paths are a submission of this store, such as microsoft')
    .option('--json', 'one JSON object a line: {file, format, sound, facts, findings}')
    .addHelpText(
      'after',
      `
A folder means every file in it; with --store it has a submission.json and the files that it names.
Exit code 0: all sound; 1: some not; 2: not readable or wrong usage.

Examples:
  slipway inspect extension.zip
  slipway inspect --json dist/ | jq 'select(.sound | not)'
  slipway inspect --store microsoft submission.json files.zip`,
    )
    .action(async (paths: string[], { json = false, store }: { json?: boolean; store?: string }) => {
      process.exitCode =
        store === undefined
          ? await (await import('./inspect.ts')).inspectPaths(paths, json)
          : await (await import('./inspect-submission.ts')).inspectSubmission(store, paths, json)
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
  return withSettings(command, ['data', 'database'])
}

function backupCommand(): Command {
  const command = new Command('backup')
    .description('copy the database and the packages of a data folder as they are at one moment')
    .argument('<folder>', 'the backup to make; a name that does not exist yet')
    .option('--json', 'one JSON object, for a machine')
    .addHelpText(
      'after',
      `
The server may run meanwhile, and waits for nothing. Every package is checked while it is copied; the folder has its
name once all of it is on the disk. It holds keys and credentials: keep it as safe as the server's own folder.

Examples:
  slipway backup /backups/$(date +%F) --data /var/lib/slipway`,
    )
    .action(async (folder: string, options: Flags & { json?: true }) => {
      process.exitCode = await (await import('./backup.ts')).backUpData(folder, options)
    })
  return withSettings(command, ['data'])
}

function restoreCommand(): Command {
  const command = new Command('restore')
    .description('make a data folder of a backup')
    .argument('<backup>', 'a folder that slipway backup made')
    .option('--json', 'one JSON object, for a machine')
    .addHelpText(
      'after',
      `
The data folder must be empty or not exist. Every file is checked; one that is not what it was ends the restore, and
the folder is empty again. A restore that was killed is run again; no server starts on what it left.

Examples:
  slipway restore /backups/2026-11-21 --data /var/lib/slipway`,
    )
    .action(async (backup: string, options: Flags & { json?: true }) => {
      process.exitCode = await (await import('./restore.ts')).restoreData(backup, options)
    })
  return withSettings(command, ['data'])
}

function keyCommand(): Command {
  const key = new Command('key').description('the keys that tokens and upload URLs are signed with')
  const rotate = key
    .command('rotate')
    .description('sign with new keys; those before stay good for what they have signed, for a while')
    .option('--keep <hours>', 'retire what was replaced so long ago; 0 retires at once', '48')
    .option('--json', 'one JSON object a line, for a machine')
    .addHelpText(
      'after',
      `
It works on the database itself, while servers run; they follow within a minute. Run it from time to time: every
run makes new keys and retires those that were replaced longer than --keep ago, when nothing they have signed is good
any more: upload URLs are for 24 hours, and tokens end sooner.

After a leak: slipway key rotate --keep 0, and restart every process. Whatever was signed before is refused then.`,
    )
    .action(async (options: Flags & { keep: string; json?: true }) => {
      process.exitCode = await (await import('./key.ts')).rotateSigningKeys(options)
    })
  withSettings(rotate, ['data', 'database'])
  return key
}
