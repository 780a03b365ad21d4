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
