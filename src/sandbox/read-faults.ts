import { errorCodes, refusals } from '../engine/index.ts'
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
import type { Fault } from './faults.ts'
import { readJsonFile } from './read-json.ts'

const finding = object({
  code: text,
  severity: oneOf(['error', 'warning', 'notice']),
  message: text,
  target: optional(text),
})

const operations = oneOf(['upload', 'publish'])

/** What is wrong with a fault, as sentences. */
export const checkFault: Check = object({
  match: object({
    store: optional(text),
    method: optional(text),
    route: optional(text),
    product: optional(text),
    nth: optional(integer(1, 1_000_000)),
    times: optional(integer(1, 1_000_000)),
    probability: optional(number(0, 1)),
  }),
  effect: byMember({
    error: object({ error: oneOf(errorCodes), message: optional(text) }),
    answer: object({
      answer: object({
        status: integer(100, 599),
        reason: optional(text),
        headers: optional(anyObject),
        body: anything,
      }),
    }),
    delayMs: object({ delayMs: integer(0, 600_000) }),
    drop: object({ drop: oneOf(['request', 'reply']) }),
    step: byMember({
      fail: object({ step: text, fail: finding }),
      stall: object({ step: text, stall: oneOf([true]) }),
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

export interface FaultFile {
  /** Of the probabilities; 1 when absent. */
  readonly seed?: number
  readonly faults: readonly Omit<Fault, 'id'>[]
}

const checkFile = object({ seed: optional(integer(1, 2 ** 31 - 1)), faults: list(checkFault) })

/**
 * Reads a fault file (`docs/faults.md`).
 * @throws Error that names every problem in it
 */
export async function readFaults(path: string): Promise<FaultFile> {
  return (await readJsonFile('fault file', path, checkFile)) as FaultFile
}
