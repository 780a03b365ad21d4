import type { Content, Package } from '../../engine/index.ts'
import type { StoreSpec, Summary } from '../../engine/store-spec.ts'
import { checkSubmission } from './check.ts'
import { cloneContent, documentsOf, packagesOf, problemOf } from './document/documents.ts'
import { heldUntil } from './document/schedule.ts'
import { mintId, readId } from './ids.ts'
import { identityOf } from './intake/package-facts.ts'
import { taken } from './intake/taken.ts'
import { wantedFiles } from './intake/wanted.ts'
import { addOnSubmission, appSubmission, flightSubmission } from './lifecycle.ts'

export const microsoftSpec: StoreSpec = {
  store: 'microsoft',
  lifecycles: { app: appSubmission, 'add-on': addOnSubmission, flight: flightSubmission },
  // A flight is a track of an app; only its submissions have a lifecycle of their own.
  productKinds: ['app', 'add-on'],
  formats: ['msix'],
  // The Store takes packages of 25 GB (Partner Center, "App package requirements"), and all of them in one ZIP.
  uploadBytes: 50 * 1024 ** 3,
  clones: 'live',
  mintId,
  readId,
  blank: (kind) => documentsOf(kind).blank(),
  clone: cloneContent,
  readContent(kind, content) {
    const problem = problemOf(kind, content)
    if (!problem) return []
    const target = problem.target === undefined ? {} : { target: problem.target }
    return [{ code: problem.code, severity: 'error', message: problem.message, ...target }]
  },
  identityOf,
  check: checkSubmission,
  refusalOf: () => 'submission_invalid',
  packageIds: (content) =>
    packagesOf(content)
      .map(({ id }) => id)
      .filter((id) => id !== ''),
  intake: {
    lifecycles: ['app', 'flight', 'add-on'],
    purpose: 'archive',
    kind: 'archive',
    fileName: ({ id }) => `${id}.zip`,
    wanted: wantedFiles,
    taken,
  },
  heldUntil,
  summarize,
}

function summarize(content: Content, packages: readonly Package[]): Summary {
  const version = packages.map(({ facts }) => facts.version).find((fact) => typeof fact === 'string')
  const listed = packagesOf(content).find((entry) => entry.version !== '')?.version
  return { title: titleOf(content), version: listed ?? version ?? null }
}

function titleOf({ listings }: Content): string | null {
  const [first] = Object.values((listings ?? {}) as { [language: string]: unknown })
  if (typeof first !== 'object' || first === null) return null
  const { baseListing, title } = first as { baseListing?: { title?: unknown }; title?: unknown }
  const found = baseListing?.title ?? title
  return typeof found === 'string' && found !== '' ? found : null
}
