import type { Finding } from '../../engine/index.ts'
import { mintUuid } from '../../engine/random.ts'
import type { Judged, StoreSpec } from '../../engine/store-spec.ts'
import { compareVersions } from '../../formats/extension/versions.ts'
import { edgeDraft } from './lifecycle.ts'
import { checkListings, readListings } from './listings.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const edgeSpec: StoreSpec = {
  store: 'edge',
  lifecycles: { extension: edgeDraft },
  formats: ['extension'],
  // The reader refuses beyond 500 MB with a finding; this only bounds what is taken in (edge-addons.md 7.2, INFERRED).
  uploadBytes: 1024 ** 3,
  clones: 'newest',
  mintId: (_kind, random) => mintUuid(random),
  readId(_kind, id) {
    // One official sample sends a blank before the operation id (edge-addons.md 6-23).
    const trimmed = id.trim().toLowerCase()
    return guid.test(trimmed) ? trimmed : undefined
  },
  blank: () => ({}),
  clone: (content) => content,
  readContent: (_kind, content) => readListings(content),
  // An extension is known by its product id; its name may change with every version.
  identityOf: () => null,
  check: (judged) => [...checkPackage(judged), ...checkVersion(judged), ...checkListings(judged)],
  refusalOf: (findings) =>
    findings.some((finding) => finding.code.startsWith('edge-module-'))
      ? 'modules_invalid'
      : 'submission_invalid',
  heldUntil: () => null,
  summarize: (_content, packages) => ({
    title: textOf(packages[0]?.facts.name),
    version: textOf(packages[0]?.facts.version),
  }),
}

function checkPackage({ packages, live }: Judged): Finding[] {
  if (packages.length > 0 || live) return []
  const message = 'The draft has no package. Upload one before publishing.'
  return [{ code: 'edge-module-packages', severity: 'error', message, target: 'PACKAGES' }]
}

/** A publish-time rule: lower and equal versions upload well (edge-addons.md section 3, 6-26). */
function checkVersion({ packages, live }: Judged): Finding[] {
  const version = textOf(packages[0]?.facts.version)
  const current = textOf(live?.packages[0]?.facts.version)
  if (version === null || current === null || packages[0]?.id === live?.packages[0]?.id) return []
  if (compareVersions(version, current) > 0) return []
  const message = `The version ${version} must be larger than the current one, ${current}. Raise "version" in manifest.json.`
  return [
    { code: 'edge-version-not-increased', severity: 'error', message, target: 'manifest.json#/version' },
  ]
}

function textOf(fact: unknown): string | null {
  return typeof fact === 'string' ? fact : null
}
