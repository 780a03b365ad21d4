import { type Config, ConfigError, readConfig } from '../config.ts'

/** The configuration; undefined when it is not usable, which is said and makes the exit code 2. */
export function configOrExit(
  flags: {
    readonly [Name in keyof Config]?: string | undefined
  },
): Config | undefined {
  try {
    return readConfig(flags)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exitCode = 2
    return undefined
  }
}
