import { EngineError } from '../engine/index.ts'

/** A submission's revision as an entity tag. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `"${revision}"`
}

/**
 * The revision an `If-Match` asks for; undefined when any will do.
 * @throws EngineError `invalid` for what is not one entity tag, `stale` for one this API never gave
 */
export function revisionOf(ifMatch: string | undefined): number | undefined {
  const given = ifMatch?.trim()
  if (given === undefined || given === '*') return undefined
  const tag = /^(W\/)?"([\x21\x23-\x7e]*)"$/.exec(given)
  if (!tag) {
    throw new EngineError('invalid', 'If-Match must be the ETag of the submission, as in "3"', {
      target: 'if-match',
    })
  }
  // RFC 9110 13.1.1: a weak tag never matches here.
  if (tag[1] !== undefined || !/^\d{1,15}$/.test(tag[2] ?? '')) {
    throw new EngineError('stale', `the submission has another revision than ${given}`, {
      target: 'if-match',
    })
  }
  return Number(tag[2])
}
