import type { Tx } from './database.ts'

export interface TransactionEffects extends Pick<Tx, 'beforeCommit' | 'afterCommit'> {
  /** Runs what the work left for the end of the transaction, and what that leaves in turn. */
  finish(): Promise<void>
  /** Runs what waited for the commit. */
  committed(): void
}

/** What one attempt of a transaction is to do besides its work; an attempt that is undone takes it along. */
export function transactionEffects(): TransactionEffects {
  const before: (() => Promise<void>)[] = []
  const after: (() => void)[] = []
  return {
    beforeCommit: (effect) => void before.push(effect),
    afterCommit: (effect) => void after.push(effect),
    async finish() {
      for (const effect of before) await effect()
    },
    committed() {
      for (const effect of after) effect()
    },
  }
}

function commitsNothing(): never {
  throw new Error('a read commits nothing')
}

/** For reads, which have no transaction that anything could be part of. */
export const noEffects = {
  queueBehind: commitsNothing,
  beforeCommit: commitsNothing,
  afterCommit: commitsNothing,
} satisfies Partial<Tx>
