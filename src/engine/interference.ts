import type { Finding, OperationKind, Refusal } from './types.ts'

/** What a sandbox may make go wrong in work that goes on after the request: never set in a store. */
export interface Interference {
  /** Asked when a step's work is due. `stall` leaves it there; findings fail it. */
  atStep(at: { store: string; productId: string; step: string }): 'stall' | readonly Finding[] | null
  /** Asked when an operation is to be carried out. */
  atOperation(at: {
    store: string
    productId: string
    kind: OperationKind
  }): 'stall' | { readonly refusal: Refusal; readonly findings: readonly Finding[] } | null
}

export const noInterference: Interference = { atStep: () => null, atOperation: () => null }

/** For one look at a submission, whose transaction may run several times: what is to go wrong once goes wrong once. */
export function askedOnce(interference: Interference): Interference {
  let answer: ReturnType<Interference['atStep']> | undefined
  return {
    ...interference,
    atStep(at) {
      if (answer === undefined) answer = interference.atStep(at)
      return answer
    },
  }
}
