import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { EngineError } from './errors.ts'
import type { Finding, Package, Product, Submission } from './types.ts'
import { fingerprint, packageFindings, refuses } from './verdict.ts'

export interface Judgement {
  readonly findings: readonly Finding[]
  /** The fingerprint to store with a positive verdict; null when it is negative. */
  readonly verdict: string | null
}

/** What the store says of a submission as it stands: its packages, its identity and its content. */
export async function judge(context: Context, tx: Tx, submission: Submission): Promise<Judgement> {
  const spec = specOf(context, submission.store)
  const product = await products.get(tx, submission.productId)
  if (!product) throw new EngineError('internal', `submission ${submission.id} has no product`)
  const own = await packages.ofSubmission(tx, submission.id)
  const live = await submissions.inPhase(tx, submission.trackId, 'live')
  const findings = [
    ...packageFindings(own),
    ...identityFindings(product, own, (pack) => spec.identityOf(pack.facts)),
    ...spec.check({
      product,
      content: submission.content,
      packages: own,
      live: live ? { content: live.content, packages: await packages.ofSubmission(tx, live.id) } : null,
    }),
  ]
  return { findings, verdict: refuses(findings) ? null : fingerprint(submission.content, own) }
}

function identityFindings(
  product: Product,
  own: readonly Package[],
  identityOf: (pack: Package) => string | null,
): Finding[] {
  const { identity } = product
  if (identity === null) return []
  return own.flatMap((pack) => {
    const claimed = identityOf(pack)
    if (claimed === null || claimed === identity) return []
    const message = `The package ${pack.fileName} is '${claimed}', but the product is '${identity}'. Build it with the product's identity.`
    return [{ code: 'package-identity', severity: 'error', message, target: pack.fileName }]
  })
}
