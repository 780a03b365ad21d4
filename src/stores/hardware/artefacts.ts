import type { Package, Product, Submission } from '../../engine/index.ts'
import type { Artefact } from '../../engine/store-spec.ts'
import { driverMetadata } from './driver-metadata.ts'
import { factsOf, type PackageFacts } from './package-facts.ts'
import { dataOf } from './product-document.ts'

interface Of {
  readonly product: Product
  readonly submission: Submission
  readonly packages: readonly Package[]
}

/**
 * The files that clients fetch of a submission (microsoft-hardware.md 3.3): the signed drivers, their metadata and,
 * of what HLK tested, the shell to derive from; of a failed one the report of what is wrong.
 */
export function artefactsOf({ product, submission, packages }: Of): Artefact[] {
  const id = submission.id
  if (submission.phase === 'failed') return reportOf(submission, id)
  const [pack] = packages
  const facts = factsOf(packages)
  if (!pack || !facts) return []
  const signed: Artefact = {
    purpose: 'signedPackage',
    fileName: `Signed_${id}.zip`,
    contentType: 'application/zip',
    content: { package: pack, maker: 'signed-driver', options: { catalogs: catalogsOf(facts) } },
  }
  if (product.kind === 'preprod') return [signed]
  const { requestedSignatures } = dataOf(product)
  const metadata: Artefact = {
    purpose: 'driverMetadata',
    fileName: `DriverMetadata_${id}.json`,
    contentType: 'application/json',
    content: { text: JSON.stringify(driverMetadata(facts, requestedSignatures, submission.id)) },
  }
  const shell: Artefact = {
    purpose: 'derivedPackage',
    fileName: `Shell_${id}.hlkx`,
    contentType: 'application/octet-stream',
    content: { package: pack },
  }
  const isDerivable = submission.content.type === 'initial' && facts.container === 'hlkx'
  return [signed, metadata, ...(isDerivable ? [shell] : [])]
}

/** A folder's catalog is named as its INF says, and else as the INF. */
function catalogsOf({ drivers }: PackageFacts): { [folder: string]: string } {
  return Object.fromEntries(
    drivers.map(({ folder, infs }) => {
      const [inf] = infs
      const own = infs.map(({ catalogFile }) => catalogFile).find((name) => name !== null && isFileName(name))
      return [folder.toLowerCase(), own ?? `${inf?.name.replace(/\.inf$/i, '') ?? folder}.cat`]
    }),
  )
}

function isFileName(name: string): boolean {
  return /^[\w .~()-]{1,200}$/.test(name) && !/^\.+$/.test(name)
}

function reportOf({ content, findings, step }: Submission, id: string): Artefact[] {
  if (findings.length === 0 || typeof content.destination === 'string') return []
  const lines = findings.map(({ severity, code, message, target }) =>
    [`${severity} ${code}`, ...(target === undefined ? [] : [target]), message].join(': '),
  )
  return [
    {
      purpose: 'errorReport',
      fileName: `ErrorReport_${id}.txt`,
      contentType: 'text/plain; charset=utf-8',
      content: { text: `Submission ${id}: ${step}\r\n\r\n${lines.join('\r\n')}\r\n` },
    },
  ]
}
