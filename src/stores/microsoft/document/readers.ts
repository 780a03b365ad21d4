import { refusals } from '../refusals.ts'

/**
 * Readers of what a client wrote, in the tolerant way of the service: names of members in any case, the last of
 * several that differ in case only, members nobody knows, and null for what is not there (microsoft-store.md 7-19).
 * What comes out has the documented members in the documented order.
 */
export type Reader<T> = (value: unknown, name: string) => T

type Members = { readonly [name: string]: unknown }

/** An object's members by their documented names; undefined for what is no object. */
export function membersOf(value: unknown, names: readonly string[]): Members | undefined {
  return named(value, spellings(names))
}

type Spellings = ReadonlyMap<string, string>

/** The documented name of each, by itself and in lower case. */
function spellings(names: readonly string[]): Spellings {
  return new Map(names.flatMap((name) => [[name, name] as const, [name.toLowerCase(), name] as const]))
}

function named(value: unknown, known: Spellings): Members | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members: { [name: string]: unknown } = {}
  for (const [given, member] of Object.entries(value)) {
    const name = known.get(given) ?? known.get(given.toLowerCase())
    if (name !== undefined) members[name] = member ?? undefined
  }
  return members
}

type Shape = { readonly [name: string]: Reader<unknown> }
type Optional<T extends Shape> = {
  [Name in keyof T]: undefined extends ReturnType<T[Name]> ? Name : never
}[keyof T]
type ReadOf<T extends Shape> = {
  readonly [Name in Exclude<keyof T, Optional<T>>]: ReturnType<T[Name]>
} & { readonly [Name in Optional<T>]?: Exclude<ReturnType<T[Name]>, undefined> }

/** Members whose reader gives undefined are left out. */
export function object<T extends Shape>(shape: T): Reader<ReadOf<T>> {
  const entries = Object.entries(shape)
  const known = spellings(Object.keys(shape))
  return (value, name) => {
    const members = named(value ?? {}, known)
    if (!members) throw wrong(name, 'an object')
    const read: { [name: string]: unknown } = {}
    for (const [member, reader] of entries) {
      const kept = reader(members[member], member)
      if (kept !== undefined) read[member] = kept
    }
    return read as ReadOf<T>
  }
}

export function text(most = Number.POSITIVE_INFINITY, fallback = ''): Reader<string> {
  return (value, name) => {
    if (value === undefined || value === null) return fallback
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    if (typeof value !== 'string') throw wrong(name, 'a string')
    if (value.length > most) {
      throw refusals.invalid(name, `The length of ${pascal(name)} must be ${most} or less`)
    }
    return value
  }
}

export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, name) => (value === undefined || value === null ? undefined : reader(value, name))
}

export function flag(fallback = false): Reader<boolean> {
  return (value, name) => {
    if (value === undefined || value === null) return fallback
    if (typeof value === 'boolean') return value
    const word = typeof value === 'string' ? value.toLowerCase() : ''
    if (word === 'true' || word === 'false') return word === 'true'
    throw wrong(name, 'a boolean')
  }
}

export function number(least: number, most: number, fallback = 0): Reader<number> {
  return (value, name) => {
    if (value === undefined || value === null) return fallback
    const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof read !== 'number' || !(read >= least && read <= most)) {
      throw refusals.invalid(name, `${pascal(name)} must be a number from ${least} to ${most}`)
    }
    return read
  }
}

/** One of several words in any case; stored as documented. */
export function choice<const T extends string>(words: readonly T[], fallback: NoInfer<T>): Reader<T> {
  const known = new Map(words.map((word) => [word.toLowerCase(), word]))
  return (value, name) => {
    if (value === undefined || value === null || value === '') return fallback
    const word = typeof value === 'string' ? known.get(value.toLowerCase()) : undefined
    if (word === undefined) {
      throw refusals.invalid(name, `'${shown(value)}' is not a valid value of ${pascal(name)}`)
    }
    return word
  }
}

/** A single text stands for a list of one: `minimumHardware` is documented so and sent as a list. */
export function list<T>(item: Reader<T>, most = Number.POSITIVE_INFINITY): Reader<readonly T[]> {
  return (value, name) => {
    if (value === undefined || value === null || value === '') return []
    const items: readonly unknown[] = typeof value === 'string' ? [value] : (value as readonly unknown[])
    if (!Array.isArray(items)) throw wrong(name, 'an array')
    if (items.length > most)
      throw refusals.invalid(name, `The size of ${pascal(name)} must be ${most} or less`)
    return items.map((one) => item(one, name))
  }
}

/** A dictionary; its keys are the client's own, or as `spelled` says. */
export function dictionary<T>(
  item: (value: unknown, key: string) => T,
  spelled: (key: string) => string = (key) => key,
): Reader<{ readonly [key: string]: T }> {
  return (value, name) => {
    if (value === undefined || value === null) return {}
    if (typeof value !== 'object' || Array.isArray(value)) throw wrong(name, 'an object')
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== null)
        .map(([key, member]) => [spelled(key), item(member, key)]),
    )
  }
}

/** Whatever is sent, this stays. */
export function fixed<T>(value: T): Reader<T> {
  return () => value
}

function wrong(name: string, what: string) {
  return refusals.invalid(name, `${pascal(name)} must be ${what}`)
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function shown(value: unknown): string {
  return String(typeof value === 'object' ? JSON.stringify(value) : value).slice(0, 100)
}
