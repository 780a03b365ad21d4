import { digitsOf } from '../../protocols/exact-json.ts'
import type { ValidationError } from './refusals.ts'

export type Json = { readonly [name: string]: unknown }

export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

/** Reads the members of a request's object; `null` counts as absent, unknown members are left alone (7-29). */
export interface Fields {
  text(name: string): string | undefined
  /** Texts and numbers, such as a firmware version. */
  textOrNumber(name: string): string | undefined
  /** Old clients send 0 and 1 (microsoft-hardware.md 1.1). */
  flag(name: string): boolean | undefined
  /** One of some words, in any case; as this server writes it. */
  word<Word extends string>(name: string, words: readonly Word[]): Word | undefined
  date(name: string): string | undefined
  texts(name: string): string[] | undefined
  object(name: string): Json | undefined
  list(name: string): readonly unknown[] | undefined
  wrong(name: string, message: string): void
}

const dateTime = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?:Z|[+-]\d{2}:?\d{2})?$/i

/** @param prefix stands before the names in the targets of what is wrong */
export function fieldsOf(body: Json, problems: ValidationError[], prefix = ''): Fields {
  const wrong = (name: string, message: string) => {
    problems.push({ target: `${prefix}${name}`, message })
  }
  const read = <T>(
    name: string,
    expected: string,
    take: (value: unknown) => T | undefined,
  ): T | undefined => {
    const value = body[name]
    if (value === undefined || value === null) return undefined
    const taken = take(value)
    if (taken === undefined) wrong(name, `The value of ${name} must be ${expected}.`)
    return taken
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return {
    text: (name) => read(name, 'a string', text),
    textOrNumber: (name) =>
      read(name, 'a string', (value) =>
        typeof value === 'number' ? String(value) : (digitsOf(value) ?? text(value)),
      ),
    flag: (name) =>
      read(name, 'true or false', (value) => {
        if (typeof value === 'string') return flags[value.toLowerCase()]
        return value === 0 || value === 1 ? value === 1 : typeof value === 'boolean' ? value : undefined
      }),
    word: (name, words) =>
      read(name, `one of ${words.join(', ')}`, (value) =>
        words.find((word) => typeof value === 'string' && word.toLowerCase() === value.toLowerCase()),
      ),
    date: (name) =>
      read(name, 'a date', (value) =>
        typeof value === 'string' && dateTime.test(value) && !Number.isNaN(Date.parse(value))
          ? value
          : undefined,
      ),
    texts: (name) =>
      read(name, 'an array of strings', (value) =>
        Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined,
      ),
    object: (name) => read(name, 'an object', objectOf),
    list: (name) =>
      read(name, 'an array', (value) => (Array.isArray(value) ? (value as readonly unknown[]) : undefined)),
    wrong,
  }
}

const flags: { readonly [text: string]: boolean | undefined } = { true: true, false: false }
