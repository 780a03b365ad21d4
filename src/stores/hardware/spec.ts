import type { Content, Finding, Package } from '../../engine/index.ts'
import type { StoreSpec, Summary } from '../../engine/store-spec.ts'
import { artefactsOf } from './artefacts.ts'
import { checkSubmission } from './check.ts'
import { mintId, readId } from './ids.ts'
import {
  derivedSubmission,
  driverSubmission,
  preproductionPackage,
  sharingLabel,
  windowsUpdateLabel,
} from './lifecycle.ts'
import { factsOf, infsOf } from './package-facts.ts'
import { giftOf } from './sharing.ts'

export const hardwareSpec: StoreSpec = {
  store: 'hardware',
  lifecycles: {
    driver: driverSubmission,
    derived: derivedSubmission,
    windowsUpdateLabel,
    sharingLabel,
    preprod: preproductionPackage,
  },
  // Labels and what is derived are submissions of a driver; a pre-production package is a product by itself.
  productKinds: ['driver', 'preprod'],
  formats: ['driver'],
  // No largest size is published (microsoft-hardware.md 11); an HLK package without Zip64 ends at 4 GiB.
  uploadBytes: 4 * 1024 ** 3,
  clones: 'live',
  mintId,
  readId,
  blank: (kind) => (kind === 'driver' ? { name: '', type: 'initial' } : {}),
  clone: (content) => content,
  readContent: (_kind, content) =>
    content.name === undefined || typeof content.name === 'string'
      ? []
      : [{ code: 'hardware-name', severity: 'error', message: 'The name must be a string.', target: 'name' }],
  // A driver product is known by its id; its packages claim nothing.
  identityOf: () => null,
  check: checkSubmission,
  refusalOf: () => 'package_invalid',
  intake: {
    lifecycles: ['driver', 'derived', 'preprod'],
    purpose: 'initialPackage',
    kind: 'package',
    // The name chooses the reader, which looks at the bytes: HLK packages are put behind the same URL.
    fileName: ({ id }) => `initial_${id}.cab`,
    wanted: () => [{ name: 'package', as: 'package' }],
    taken: (content, _files, problem) => ({ content, findings: problem === null ? [] : [noPackage] }),
  },
  artefacts: artefactsOf,
  handsOver: giftOf,
  heldUntil: () => null,
  summarize,
}

/** Clients whose upload failed unseen commit all the same (microsoft-hardware.md 3.5, 7-44). */
const noPackage: Finding = {
  code: 'hardware-no-upload',
  severity: 'error',
  message: 'No package was uploaded. Upload it to the URL of initialPackage before the commit.',
}

function summarize(content: Content, packages: readonly Package[]): Summary {
  const version = infsOf(factsOf(packages)).map(({ driverVersion }) => driverVersion)[0] ?? null
  return { title: typeof content.name === 'string' && content.name !== '' ? content.name : null, version }
}
