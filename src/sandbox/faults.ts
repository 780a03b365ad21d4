import type { EngineErrorCode, Finding, OperationKind, Refusal } from '../engine/index.ts'
import type { Interference } from '../engine/interference.ts'

/** Which requests or work a fault is for; what is absent matches everything. */
export interface FaultMatch {
  readonly store?: string
  readonly method?: string
  // A path without its query, compared segment by segment, whatever the case. A segment `*` stands for any one, a
  // last segment `**` for any rest, none included: `/v1/products/*/submissions` is what publishes at Edge.
  readonly route?: string
  /** The product's id, whatever the case. */
  readonly product?: string
  /** Only the nth match, counting from 1. */
  readonly nth?: number
  /** At most so many times. */
  readonly times?: number
  /** From 0 to 1, by the seed of the fault file: the same run fails the same way. */
  readonly probability?: number
}

/** What goes wrong. Data, never code. */
export type FaultEffect =
  /** The store's own answer to an error of the engine, in its own shape. */
  | { readonly error: EngineErrorCode; readonly message?: string }
  /** This very answer. */
  | {
      readonly answer: {
        readonly status: number
        readonly reason?: string
        readonly headers?: { readonly [name: string]: string }
        readonly body?: unknown
      }
    }
  /** Handled as usual, so much later. */
  | { readonly delayMs: number }
  /** The connection breaks: before anything is done, or after it was done and before it is said. */
  | { readonly drop: 'request' | 'reply' }
  /** A lifecycle step fails with a finding, or never ends. */
  | { readonly step: string; readonly fail: Finding }
  | { readonly step: string; readonly stall: true }
  /** An operation fails, or never ends. */
  | { readonly operation: OperationKind; readonly refusal: Refusal; readonly findings?: readonly Finding[] }
  | { readonly operation: OperationKind; readonly stall: true }

export interface Fault {
  readonly id: string
  readonly match: FaultMatch
  readonly effect: FaultEffect
}

export interface RequestAt {
  readonly store: string
  readonly method: string
  /** Without the query. */
  readonly path: string
}

/** The names there are, so that a misspelt one is refused instead of never striking. */
export interface FaultNames {
  /** Stores, and the protocols they share, such as `entra`. */
  readonly stores: readonly string[]
  /** Lifecycle steps of all stores. */
  readonly steps: readonly string[]
}

/** The faults of one sandbox. Kept in memory: a restarted sandbox has those of its file again. */
export interface Faults extends Interference {
  list(): (Fault & { readonly matched: number; readonly struck: number })[]
  add(fault: Omit<Fault, 'id'>): Fault
  /** @returns whether there was one */
  remove(id: string): boolean
  /** What is to go wrong with a request; several faults may strike at once. */
  atRequest(request: RequestAt): FaultEffect[]
}

interface Armed {
  readonly fault: Fault
  matched: number
  struck: number
}

type Place = Partial<RequestAt> & { readonly store: string; readonly product?: string }

/** @param seed of the probabilities */
export function createFaults(initial: readonly Omit<Fault, 'id'>[] = [], seed = 1): Faults {
  const armed: Armed[] = []
  const draw = drawing(seed)
  let last = 0

  function add({ match, effect }: Omit<Fault, 'id'>): Fault {
    last += 1
    const fault = { id: `fault-${last}`, match, effect }
    armed.push({ fault, matched: 0, struck: 0 })
    return fault
  }

  function strike(place: Place, concerns: (effect: FaultEffect) => boolean): FaultEffect[] {
    const effects: FaultEffect[] = []
    for (const one of armed) {
      const { match, effect } = one.fault
      if (!concerns(effect) || !matches(match, place)) continue
      one.matched += 1
      if (match.nth !== undefined && one.matched !== match.nth) continue
      if (match.times !== undefined && one.struck >= match.times) continue
      if (match.probability !== undefined && draw() >= match.probability) continue
      one.struck += 1
      effects.push(effect)
    }
    return effects
  }

  for (const fault of initial) add(fault)
  return {
    add,
    list: () => armed.map(({ fault, matched, struck }) => ({ ...fault, matched, struck })),
    remove(id) {
      const index = armed.findIndex(({ fault }) => fault.id === id)
      if (index >= 0) armed.splice(index, 1)
      return index >= 0
    },
    atRequest: (request) => {
      if (armed.length === 0) return []
      const product = productIn(request.path)
      const place = { ...request, ...(product === undefined ? {} : { product }) }
      return strike(place, (effect) => !('step' in effect) && !('operation' in effect))
    },
    atStep({ store, productId, step }) {
      const [effect] = strike({ store, product: productId }, (one) => 'step' in one && one.step === step)
      if (!effect || !('step' in effect)) return null
      return 'stall' in effect ? 'stall' : [effect.fail]
    },
    atOperation({ store, productId, kind }) {
      const [effect] = strike(
        { store, product: productId },
        (one) => 'operation' in one && one.operation === kind,
      )
      if (!effect || !('operation' in effect)) return null
      return 'stall' in effect ? 'stall' : { refusal: effect.refusal, findings: effect.findings ?? [] }
    },
  }
}

function matches(match: FaultMatch, place: Place): boolean {
  if (match.store !== undefined && match.store !== place.store) return false
  if (match.product !== undefined && match.product.toLowerCase() !== place.product?.toLowerCase())
    return false
  if (match.method !== undefined && match.method.toUpperCase() !== place.method) return false
  return match.route === undefined || (place.path !== undefined && routeMatches(match.route, place.path))
}

/** Segment by segment; no expression is built from what somebody wrote. */
export function routeMatches(route: string, path: string): boolean {
  const wanted = segments(route)
  const given = segments(path)
  for (const [index, segment] of wanted.entries()) {
    if (segment === '**') return true
    if (index >= given.length || (segment !== '*' && segment !== given[index])) return false
  }
  return wanted.length === given.length
}

function segments(path: string): string[] {
  return path.toLowerCase().split('/').filter(Boolean)
}

/** The path's segment after the one that names products in any store's routes. */
function productIn(path: string): string | undefined {
  const all = segments(path)
  const at = all.findIndex((segment) => productSegments.has(segment))
  return at < 0 ? undefined : all[at + 1]
}

const productSegments = new Set(['products', 'applications', 'inappproducts'])

/** Numbers from 0 to 1, the same for the same seed (xorshift32). */
function drawing(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
