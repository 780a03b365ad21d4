import { homedir } from 'node:os'
import { join } from 'node:path'
import { type BlobsPlace, readBlobsPlace } from './config/blobs-place.ts'

/** How this server is set up; everything else is decided by code. */
export interface Config {
  /** `sandbox`: seeded, automatic reviews, clock and fault controls. `store`: none of that. */
  readonly mode: 'sandbox' | 'store'
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Folder of the database and the blobs. */
  readonly data: string
  /** URL of a PostgreSQL that any number of processes share; null keeps the database in the folder. */
  readonly database: string | null
  /** Where the packages are kept. */
  readonly blobs: BlobsPlace
  /** Jobs that this process performs at the same time; 0 leaves them to `slipway worker`. */
  readonly jobs: number
  /** A seed file; null takes the default sandbox seed in sandbox mode and none in store mode. */
  readonly seed: string | null
  /** A fault file; null for none. Sandbox mode only. */
  readonly faults: string | null
  readonly review: 'automatic' | 'manual'
  /** Factor on how long lifecycle steps take; 0 makes them instant. */
  readonly pace: number
  /** Milliseconds for single steps, by `store.Step`. */
  readonly steps: ReadonlyMap<string, number>
  readonly log: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  /** Milliseconds a request body may stand still. */
  readonly bodyIdleMs: number
  /** Milliseconds that requests and jobs are given to finish when the server is told to stop. */
  readonly drainMs: number
  /** Whether a proxy in front says how clients reached it. */
  readonly trustProxy: boolean
  readonly edgeV1: 'accept' | 'gone'
  /** 0 for no limit. */
  readonly microsoftRequestsPerMinute: number
  readonly hardwareContentType: 'any' | 'required'
  /** OS codes besides those this version knows. */
  readonly hardwareOsCodes: readonly string[]
  readonly tokenAlgorithm: 'RS256' | 'HS256'
  readonly amazonEditTag: 'moves' | 'fixed'
  readonly amazonListTag: 'accept' | 'refuse'
  readonly amazonLanguageTag: 'shared' | 'separate'
  readonly amazonCreateWhileOpen: 400 | 409 | 412
  readonly amazonReleaseNotes: 'blank' | 'copy'
  readonly amazonDrm: 'none' | 'unset'
  readonly amazonTargeting: 'compatible' | 'nothing'
  readonly amazonLargeMs: number
  readonly amazonCertificate: 'off' | 'warn' | 'error'
}

interface Setting<T> {
  readonly env: string
  /** What it does, for `--help` and the documentation. */
  readonly says: string
  readonly default: string
  /** Never shown, as a part of it is a password. */
  readonly secret?: true
  /**
   * @param env where a setting has others beside it, such as keys under the names that other tools read
   * @throws Error saying what would do
   */
  read(text: string, env: { readonly [name: string]: string | undefined }): T
}

type Settings = { readonly [Name in keyof Config]: Setting<Config[Name]> }

/** Every setting there is, in the order the documentation lists them. */
export const settings: Settings = {
  mode: {
    env: 'SLIPWAY_MODE',
    says: 'sandbox (seeded, for tests) or store (for real releases)',
    default: 'sandbox',
    read: oneOf(['sandbox', 'store']),
  },
  host: { env: 'SLIPWAY_HOST', says: 'address to listen on', default: '127.0.0.1', read: text },
  port: {
    env: 'SLIPWAY_PORT',
    says: 'port to listen on; 0 takes a free one',
    default: '7070',
    read: integer(0, 65535),
  },
  data: {
    env: 'SLIPWAY_DATA',
    says: 'folder of the database and the packages',
    default: join(homedir(), '.slipway'),
    read: text,
  },
  database: {
    env: 'DATABASE_URL',
    says: 'postgres://user:password@host:port/name of a PostgreSQL (13 or newer) to keep the database in, for any number of processes; a file in the folder when absent',
    default: '',
    secret: true,
    read: postgresUrl,
  },
  blobs: {
    env: 'SLIPWAY_BLOBS',
    says: 'azure://CONTAINER (?public=URL where clients reach the account elsewhere, ?uploads=through so that they send packages through this server), with AZURE_STORAGE_CONNECTION_STRING; or s3://BUCKET/PREFIX?region=REGION (&endpoint=URL), with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or the machine’s role; packages are kept in the folder when absent',
    default: '',
    secret: true,
    read: readBlobsPlace,
  },
  jobs: {
    env: 'SLIPWAY_JOBS',
    says: 'jobs this process performs at the same time; 0 leaves them to slipway worker processes (with DATABASE_URL)',
    default: '4',
    read: integer(0, 64),
  },
  seed: {
    env: 'SLIPWAY_SEED',
    says: 'JSON file of accounts, credentials and products to start with',
    default: '',
    read: (value) => value || null,
  },
  faults: {
    env: 'SLIPWAY_FAULTS',
    says: 'JSON file of faults that strike in the sandbox',
    default: '',
    read: (value) => value || null,
  },
  review: {
    env: 'SLIPWAY_REVIEW',
    says: 'automatic (approved when its time is up) or manual (an operator decides); store mode defaults to manual',
    default: 'automatic',
    read: oneOf(['automatic', 'manual']),
  },
  pace: {
    env: 'SLIPWAY_PACE',
    says: 'factor on how long lifecycle steps take; 0 makes them instant',
    default: '1',
    read: number(0, 1_000_000),
  },
  steps: {
    env: 'SLIPWAY_STEPS',
    says: 'milliseconds of single steps, as in edge.InReview=0,microsoft.Certification=60000',
    default: '',
    read: steps,
  },
  log: {
    env: 'SLIPWAY_LOG',
    says: 'silent, error, warn, info or debug',
    default: 'info',
    read: oneOf(['silent', 'error', 'warn', 'info', 'debug']),
  },
  bodyIdleMs: {
    env: 'SLIPWAY_BODY_IDLE_MS',
    says: 'milliseconds an upload may send nothing before it is answered 408',
    default: '60000',
    read: integer(10, 86_400_000),
  },
  drainMs: {
    env: 'SLIPWAY_DRAIN_MS',
    says: 'milliseconds that running requests are given when the server is told to stop',
    default: '30000',
    read: integer(0, 3_600_000),
  },
  trustProxy: {
    env: 'SLIPWAY_TRUST_PROXY',
    says: 'yes when a proxy in front sets X-Forwarded-Proto and X-Forwarded-Host, as one that ends TLS does; else no',
    default: 'no',
    read: (value) => oneOf(['no', 'yes'])(value) === 'yes',
  },
  edgeV1: {
    env: 'SLIPWAY_EDGE_V1',
    says: 'accept the retired Edge v1 credentials, or answer that they are gone (410)',
    default: 'accept',
    read: oneOf(['accept', 'gone']),
  },
  microsoftRequestsPerMinute: {
    env: 'SLIPWAY_MICROSOFT_REQUESTS_PER_MINUTE',
    says: 'requests a minute the Microsoft Store takes of one account before 429, as in 20; 0 for no limit',
    default: '0',
    read: integer(0, 1_000_000),
  },
  hardwareContentType: {
    env: 'SLIPWAY_HARDWARE_CONTENT_TYPE',
    says: 'whether bodies of the hardware API may have any Content-Type or none, or 415 answers all but JSON: any or required',
    default: 'any',
    read: oneOf(['any', 'required']),
  },
  hardwareOsCodes: {
    env: 'SLIPWAY_HARDWARE_OS_CODES',
    says: 'OS codes that drivers can be signed for besides the known ones, separated by commas',
    default: '',
    read: (value) =>
      value
        .split(',')
        .map((code) => code.trim())
        .filter((code) => code !== ''),
  },
  tokenAlgorithm: {
    env: 'SLIPWAY_TOKEN_ALGORITHM',
    says: 'RS256 or HS256, for the tokens this server issues; the other one is refused',
    default: 'RS256',
    read: oneOf(['RS256', 'HS256']),
  },
  amazonEditTag: {
    env: 'SLIPWAY_AMAZON_EDIT_TAG',
    says: 'whether an Amazon edit’s ETag moves with everything in it, or is fixed',
    default: 'moves',
    read: oneOf(['moves', 'fixed']),
  },
  amazonListTag: {
    env: 'SLIPWAY_AMAZON_LIST_TAG',
    says: 'accept or refuse the ETag of the list of listings for one of them',
    default: 'accept',
    read: oneOf(['accept', 'refuse']),
  },
  amazonLanguageTag: {
    env: 'SLIPWAY_AMAZON_LANGUAGE_TAG',
    says: 'one shared ETag for a language’s listing, images and videos, or separate ones',
    default: 'shared',
    read: oneOf(['shared', 'separate']),
  },
  amazonCreateWhileOpen: {
    env: 'SLIPWAY_AMAZON_CREATE_WHILE_OPEN',
    says: 'status of creating an Amazon edit while one is open: 400, 409 or 412',
    default: '409',
    read: (value) => Number(oneOf(['400', '409', '412'])(value)) as 400 | 409 | 412,
  },
  amazonReleaseNotes: {
    env: 'SLIPWAY_AMAZON_RELEASE_NOTES',
    says: 'a new Amazon edit has blank release notes, or a copy that does not count',
    default: 'blank',
    read: oneOf(['blank', 'copy']),
  },
  amazonDrm: {
    env: 'SLIPWAY_AMAZON_DRM',
    says: 'an uploaded APK has no DRM (none), or its DRM is unset and refuses the commit',
    default: 'none',
    read: oneOf(['none', 'unset']),
  },
  amazonTargeting: {
    env: 'SLIPWAY_AMAZON_TARGETING',
    says: 'an uploaded APK targets all compatible devices, or nothing',
    default: 'compatible',
    read: oneOf(['compatible', 'nothing']),
  },
  amazonLargeMs: {
    env: 'SLIPWAY_AMAZON_LARGE_MS',
    says: 'milliseconds until a large APK can be attached',
    default: '2000',
    read: integer(0, 86_400_000),
  },
  amazonCertificate: {
    env: 'SLIPWAY_AMAZON_CERTIFICATE',
    says: 'an APK signed by another certificate than the live one: off, warn or error',
    default: 'warn',
    read: oneOf(['off', 'warn', 'error']),
  },
}

/** What a child process gets: this process's environment with some variables set; Node's options are added to. */
export function childEnvironment(more: { readonly [name: string]: string }): NodeJS.ProcessEnv {
  const options = [process.env.NODE_OPTIONS, more.NODE_OPTIONS].filter(Boolean).join(' ')
  return { ...process.env, ...more, ...(options === '' ? {} : { NODE_OPTIONS: options }) }
}

/** Every problem at once, each naming its setting and what would do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the settings are not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * The configuration from flags and, behind them, the environment.
 * @throws ConfigError with all problems
 */
export function readConfig(
  flags: { readonly [Name in keyof Config]?: string | undefined } = {},
  env: { readonly [name: string]: string | undefined } = process.env,
): Config {
  const problems: string[] = []
  const config: { [name: string]: unknown } = {}
  const isStore = (flags.mode ?? env[settings.mode.env]) === 'store'
  for (const [name, setting] of Object.entries(settings)) {
    const given = flags[name as keyof Config] ?? env[setting.env]
    const fallback = name === 'review' && isStore ? 'manual' : setting.default
    try {
      config[name] = setting.read(given === undefined || given === '' ? fallback : given, env)
    } catch (error) {
      const instead = setting.secret ? '' : `, not '${given}'`
      problems.push(`${setting.env}: ${(error as Error).message}${instead} (${setting.says})`)
    }
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('SLIPWAY_') && !known.has(name) && !ofRun.test(name)) {
      problems.push(`${name}: there is no such setting; see slipway serve --help`)
    }
  }
  if (isStore && config.faults)
    problems.push('SLIPWAY_FAULTS: faults are for the sandbox; unset it in store mode')
  if (config.jobs === 0 && config.database === null)
    problems.push('SLIPWAY_JOBS: 0 leaves the jobs to slipway worker, which needs DATABASE_URL')
  if (config.jobs === 0 && config.faults)
    problems.push('SLIPWAY_FAULTS: faults need a server that performs its jobs itself; unset SLIPWAY_JOBS')
  if (problems.length > 0) throw new ConfigError(problems)
  return config as unknown as Config
}

/** Settings, and the variables that the command line's own options read. */
const known = new Set([
  ...Object.values(settings).map((setting) => setting.env),
  'SLIPWAY_URL',
  'SLIPWAY_TOKEN',
])

/** What `slipway run` tells its child, which may well start a server of its own. */
const ofRun =
  /^SLIPWAY_(RUN_\w+|TENANT_ID|CLIENT_ID|CLIENT_SECRET|API_KEY|AMAZON_CLIENT_ID|AMAZON_CLIENT_SECRET|[A-Z]+_PRODUCT_ID)$/

function text(value: string): string {
  return value
}

function postgresUrl(value: string): string | null {
  if (value === '') return null
  if (!/^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? ''))
    throw new Error('must begin with postgres://')
  return value
}

function oneOf<T extends string>(choices: readonly T[]): (value: string) => T {
  return (value) => {
    const found = choices.find((choice) => choice === value)
    if (found === undefined) throw new Error(`must be ${choices.join(' or ')}`)
    return found
  }
}

function number(least: number, most: number): (value: string) => number {
  return (value) => {
    const read = Number(value)
    if (value.trim() === '' || !(read >= least && read <= most)) {
      throw new Error(`must be a number from ${least} to ${most}`)
    }
    return read
  }
}

function integer(least: number, most: number): (value: string) => number {
  return (value) => {
    if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`)
    }
    return Number(value)
  }
}

function steps(value: string): ReadonlyMap<string, number> {
  const entries = value.split(',').filter((entry) => entry.trim() !== '')
  return new Map(
    entries.map((entry): [string, number] => {
      const match = /^\s*([a-z]+\.\w+)\s*=\s*(\d+)\s*$/.exec(entry)
      if (!match?.[1]) throw new Error('must be a list of store.Step=milliseconds')
      return [match[1], Number(match[2])]
    }),
  )
}
