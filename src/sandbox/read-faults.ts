import { errorCodes, type OperationKind, refusals } from '../engine/index.ts'
import {
  anyObject,
  anything,
  byMember,
  type Check,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  text,
} from './checks.ts'
import type { Fault, FaultNames } from './faults.ts'
import { readJsonFile } from './read-json.ts'

const finding = object({
  code: text,
  severity: oneOf(['error', 'warning', 'notice']),
  message: text,
  target: optional(text),
})

const kinds: Record<OperationKind, true> = { upload: true, publish: true, inspection: true }
const operations = oneOf(Object.keys(kinds))

/** Says what is wrong with a fault, as sentences. */
export function faultCheck({ stores, steps }: FaultNames): Check {
  return object({
    match: object({
      store: optional(oneOf(stores)),
      method: optional(oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])),
      route: optional(route),
      product: optional(text),
      nth: optional(integer(1, 1_000_000)),
      times: optional(integer(1, 1_000_000)),
      probability: optional(number(0, 1)),
    }),
    effect: byMember({
      error: object({ error: oneOf(errorCodes), message: optional(text) }),
      answer: object({
        answer: object({
          status: integer(200, 599),
          reason: optional(headerText),
          headers: optional(headers),
          body: anything,
        }),
      }),
      delayMs: object({ delayMs: integer(0, 600_000) }),
      drop: object({ drop: oneOf(['request', 'reply']) }),
      step: byMember({
        fail: object({ step: stepOf(steps), fail: finding }),
        stall: object({ step: stepOf(steps), stall: oneOf([true]) }),
      }),
      operation: byMember({
        refusal: object({
          operation: operations,
          refusal: oneOf(refusals),
          findings: optional(list(finding)),
        }),
        stall: object({ operation: operations, stall: oneOf([true]) }),
      }),
    }),
  })
}

/** There are too many to list them all. */
function stepOf(steps: readonly string[]): Check {
  return (value, where) =>
    steps.includes(String(value))
      ? []
      : [`${where} must be a step of some store's lifecycle, such as InReview, not '${value}'`]
}

const route: Check = (value, where) =>
  typeof value === 'string' && /^\/[^?#]*$/.test(value)
    ? []
    : [`${where} must be a path such as /v1/products/*/submissions, without a query`]

const headerText: Check = (value, where) =>
  typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? []
    : [`${where} must be a text of one line`]

const headers: Check = (value, where) => [
  ...anyObject(value, where),
  ...Object.entries(value ?? {}).flatMap(([name, one]) => [
    ...(/^[\w!#$%&'*+.^`|~-]+$/.test(name) ? [] : [`${where} has no header of the name '${name}'`]),
    ...headerText(one, `${where}.${name}`),
  ]),
]

export interface FaultFile {
  /** Of the probabilities; 1 when absent. */
  readonly seed?: number
  readonly faults: readonly Omit<Fault, 'id'>[]
}

/**
 * Reads a fault file (`docs/faults.md`).
 * @throws Error that names every problem in it
 */
export async function readFaults(path: string, names: FaultNames): Promise<FaultFile> {
  const checkFile = object({ seed: optional(integer(1, 2 ** 31 - 1)), faults: list(faultCheck(names)) })
  return (await readJsonFile('fault file', path, checkFile)) as FaultFile
}
