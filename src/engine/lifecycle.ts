/**
 * Lifecycles are data: a table of steps with the store's own names. The engine knows how to run each kind of
 * work and nothing about any one store; a store knows its table and nothing about running it.
 */
import { EngineError } from './errors.ts'
import type { Phase } from './types.ts'

/**
 * What happens while a submission rests in a step.
 *
 * - `edit`     nothing, until somebody acts
 * - `ingest`   the upload is opened, its packages are inspected and everything is checked: a verdict is stored
 * - `pass`     time goes by
 * - `review`   a person or a rule decides
 * - `hold`     waits for its release date or for somebody to release it
 * - `publish`  becomes what customers get, in one transaction, only with a stored positive verdict
 * - `end`      nothing, for good
 */
export type Work = 'edit' | 'ingest' | 'pass' | 'review' | 'hold' | 'publish' | 'end'

/** What clients, reviewers and operators may ask of a submission. */
export const actions = [
  'create',
  'update',
  'upload',
  'commit',
  'delete',
  'cancel',
  'approve',
  'reject',
  'release',
  'rollout',
  'unpublish',
] as const
export type Action = (typeof actions)[number]

/**
 * What an allowed action does: `stays` in the step, is `deleted`, or moves on. `verdict: true` says that the
 * action itself runs the check and is refused when it is negative.
 */
export type Effect = 'stays' | 'deleted' | { readonly to: string; readonly verdict?: true }

export interface Step {
  readonly does: Work
  readonly phase: Phase
  /** Where it goes when its work is done. */
  readonly next?: string
  /** Where it goes when its work fails. */
  readonly fails?: string
  /** Milliseconds it takes when nothing else is configured. */
  readonly lasts?: number
  /** Only entered when a check or a reviewer asks for it; otherwise passed over at once. */
  readonly onDemand?: true
  /** The actions it allows; whatever is not named is refused. `create` means a sibling on the same track. */
  readonly on: Partial<Record<Action, Effect>>
}

export interface Lifecycle {
  readonly start: string
  readonly steps: { readonly [name: string]: Step }
}

/** @throws EngineError `internal` when the table has no such step. */
export function stepOf(lifecycle: Lifecycle, name: string): Step {
  const step = lifecycle.steps[name]
  if (!step) throw new EngineError('internal', `the lifecycle has no step '${name}'`)
  return step
}

/** What an action does in a step; undefined when it is refused there. */
export function effectOf(step: Step, action: Action): Effect | undefined {
  return step.on[action]
}

/**
 * What is wrong with a table, as sentences; empty when it is sound. Every name leads somewhere, every step
 * reaches an end, and no way leads to a `publish` step without passing a verdict.
 */
export function problemsOf(lifecycle: Lifecycle): string[] {
  const problems: string[] = []
  const { steps, start } = lifecycle
  if (!steps[start]) problems.push(`start '${start}' is not a step`)
  for (const [name, step] of Object.entries(steps)) {
    for (const to of exitsOf(step).map((exit) => exit.to)) {
      if (!steps[to]) problems.push(`'${name}' leads to '${to}', which is not a step`)
    }
    if (step.does === 'end' && (step.next || step.fails)) problems.push(`'${name}' ends and goes on`)
    if (step.does !== 'end' && step.does !== 'edit' && !step.next) problems.push(`'${name}' goes nowhere`)
    if (workCanFail(step.does) && !step.fails) problems.push(`'${name}' can fail and says not where to`)
    if (!reaches(lifecycle, name, (other) => other.does === 'end')) problems.push(`'${name}' reaches no end`)
  }
  for (const name of publishableWithoutVerdict(lifecycle)) {
    problems.push(`'${name}' publishes what was never judged`)
  }
  return problems
}

function workCanFail(does: Work): boolean {
  return does === 'ingest' || does === 'review' || does === 'publish'
}

interface Exit {
  readonly to: string
  readonly judged: boolean
}

function exitsOf(step: Step): Exit[] {
  const exits: Exit[] = []
  if (step.next) exits.push({ to: step.next, judged: step.does === 'ingest' })
  if (step.fails) exits.push({ to: step.fails, judged: false })
  for (const effect of Object.values(step.on)) {
    if (typeof effect === 'object') exits.push({ to: effect.to, judged: effect.verdict === true })
  }
  return exits
}

function reaches(lifecycle: Lifecycle, from: string, found: (step: Step) => boolean): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = lifecycle.steps[name]
    if (!step || seen.has(name)) continue
    if (found(step)) return true
    seen.add(name)
    open.push(...exitsOf(step).map((exit) => exit.to))
  }
  return false
}

/** Publish steps that can be reached from the start over exits none of which judged the submission. */
function publishableWithoutVerdict({ start, steps }: Lifecycle): string[] {
  const unjudged = new Set<string>()
  const open = [start]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (unjudged.has(name)) continue
    unjudged.add(name)
    const step = steps[name]
    if (!step) continue
    for (const exit of exitsOf(step)) if (!exit.judged) open.push(exit.to)
  }
  return [...unjudged].filter((name) => steps[name]?.does === 'publish')
}
