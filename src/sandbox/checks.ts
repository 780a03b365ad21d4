/** What is wrong with a value at a place, as sentences; empty when nothing is. */
export type Check = (value: unknown, where: string) => string[]

export const text: Check = (value, where) =>
  typeof value === 'string' && value !== '' ? [] : [`${where} must be a text`]

export const time: Check = (value, where) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value))
    ? []
    : [`${where} must be a time such as 2030-01-31T00:00:00Z`]

export const anyObject: Check = (value, where) => (isObject(value) ? [] : [`${where} must be an object`])

export const anything: Check = () => []

export function integer(least: number, most: number): Check {
  return (value, where) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? []
      : [`${where} must be a whole number from ${least} to ${most}`]
}

export function number(least: number, most: number): Check {
  return (value, where) =>
    typeof value === 'number' && value >= least && value <= most
      ? []
      : [`${where} must be a number from ${least} to ${most}`]
}

export function oneOf(choices: readonly unknown[]): Check {
  return (value, where) => (choices.includes(value) ? [] : [`${where} must be ${choices.join(', ')}`])
}

export function optional(check: Check): Check {
  return (value, where) => (value === undefined ? [] : check(value, where))
}

/** Exactly these members; a misspelt one is named. */
export function object(members: { readonly [name: string]: Check }): Check {
  return (value, where) => {
    if (!isObject(value)) return [`${where} must be an object`]
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(members, name))
    return [
      ...unknown.map((name) => `${where}.${name} is not known; there are ${Object.keys(members).join(', ')}`),
      ...Object.entries(members).flatMap(([name, check]) => check(value[name], `${where}.${name}`)),
    ]
  }
}

/** One of several objects, chosen by the member that only it has. */
export function byMember(kinds: { readonly [member: string]: Check }): Check {
  return (value, where) => {
    if (!isObject(value)) return [`${where} must be an object`]
    const found = Object.keys(kinds).filter((member) => Object.hasOwn(value, member))
    const [member] = found
    const check = member === undefined ? undefined : kinds[member]
    if (found.length !== 1 || !check) return [`${where} must have one of ${Object.keys(kinds).join(', ')}`]
    return check(value, where)
  }
}

export function list(check: Check): Check {
  return (value, where) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => check(item, `${where}[${index}]`))
      : [`${where} must be a list`]
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
