import type { Lifecycle } from '../../engine/lifecycle.ts'

/**
 * The Edge draft and what becomes of it (edge-addons.md section 3). An upload opens the draft when there is
 * none, also while an earlier submission is in review; publishing judges it and sends it to review.
 * Cancel and unpublish exist only in the developer dashboard; here the native API stands in for it.
 */
export const edgeDraft: Lifecycle = {
  start: 'InDraft',
  steps: {
    InDraft: {
      does: 'edit',
      phase: 'draft',
      on: { update: 'stays', upload: 'stays', commit: { to: 'InReview', verdict: true } },
    },
    InReview: {
      does: 'review',
      phase: 'moving',
      lasts: 1000,
      next: 'WaitingToPublish',
      fails: 'ReviewFailed',
      on: {
        create: 'stays',
        cancel: { to: 'Cancelled' },
        approve: { to: 'WaitingToPublish' },
        reject: { to: 'ReviewFailed' },
      },
    },
    WaitingToPublish: {
      does: 'publish',
      phase: 'moving',
      lasts: 200,
      next: 'InTheStore',
      fails: 'ReviewFailed',
      on: { create: 'stays' },
    },
    InTheStore: {
      does: 'end',
      phase: 'live',
      on: { create: 'stays', unpublish: { to: 'Unpublishing' } },
    },
    Unpublishing: { does: 'pass', phase: 'live', lasts: 1000, next: 'Unpublished', on: { create: 'stays' } },
    Unpublished: { does: 'end', phase: 'past', on: { create: 'stays' } },
    ReviewFailed: { does: 'end', phase: 'failed', on: { create: 'stays' } },
    Cancelled: { does: 'end', phase: 'cancelled', on: { create: 'stays' } },
  },
}
