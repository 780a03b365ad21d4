import type { Refusal } from './types.ts'

export interface PublicationFacts {
  readonly everPublished: boolean
  readonly unpublishing: boolean
  /** Whether an earlier submission is still on its way. */
  readonly moving: boolean
  /** Whether there is a draft that differs from what it copies. */
  readonly changed: boolean
}

/**
 * Why a draft may not even be judged, or null. The order is that of edge-addons.md section 3 (INFERRED: no
 * document says which refusal wins when several apply).
 */
export function decidePublication(facts: PublicationFacts): Refusal | null {
  if (!facts.everPublished) return 'never_published'
  if (facts.unpublishing) return 'unpublishing'
  if (facts.moving) return 'submission_in_progress'
  if (!facts.changed) return 'nothing_changed'
  return null
}
