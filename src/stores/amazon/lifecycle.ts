import type { Lifecycle } from '../../engine/lifecycle.ts'

/**
 * The Amazon edit (amazon-appstore.md 3.1). One open edit per app, a draft or in review; commit validates at
 * once and is refused with the list of failures. Cancelled or rejected, an edit is a draft again.
 */
export const edit: Lifecycle = {
  start: 'IN_PROGRESS',
  steps: {
    IN_PROGRESS: {
      does: 'edit',
      phase: 'draft',
      on: {
        update: 'stays',
        upload: 'stays',
        commit: { to: 'REVIEW', verdict: true },
        delete: 'deleted',
      },
    },
    REVIEW: {
      does: 'review',
      phase: 'moving',
      lasts: 1000,
      next: 'APPROVED',
      fails: 'IN_PROGRESS',
      on: {
        cancel: { to: 'IN_PROGRESS' },
        approve: { to: 'APPROVED' },
        reject: { to: 'IN_PROGRESS' },
      },
    },
    APPROVED: {
      does: 'hold',
      phase: 'moving',
      lasts: 0,
      next: 'PUBLISHING',
      on: { cancel: { to: 'IN_PROGRESS' }, release: { to: 'PUBLISHING' } },
    },
    PUBLISHING: {
      does: 'publish',
      phase: 'moving',
      lasts: 200,
      next: 'LIVE',
      fails: 'IN_PROGRESS',
      on: {},
    },
    LIVE: { does: 'end', phase: 'live', on: { create: 'stays' } },
  },
}
