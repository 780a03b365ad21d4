import { createHash } from 'node:crypto'
import type { Draft, Package } from '../../engine/index.ts'
import type { AmazonSettings } from '../store.ts'
import { type Apk, documentOf, type EditDocument, touched } from './document.ts'
import { AmazonRefusal, invalidInput, refusal } from './errors.ts'
import type { Resources } from './tags.ts'
import { autoTarget } from './targeting.ts'

/** Of one APK; above the smaller limit it has to be sent ahead and attached (amazon-appstore.md 3.3, 8.2). */
export const uploadBytes = 300 * 1024 ** 2
export const largeUploadBytes = 2.5 * 1024 ** 3

const mostApks = 100

/** @throws AmazonRefusal 404 */
export function apkOf({ apks }: EditDocument, id: string): Apk {
  const apk = apks.find((each) => each.id === id)
  if (!apk) throw refusal(404, 'error_invalid_asset_id', `There is no APK ${id} in this edit`)
  return apk
}

export interface Changed {
  readonly document: EditDocument
  readonly apk: Apk
}

/**
 * Adds an uploaded APK behind the others (amazon-appstore.md 7-29).
 * @throws AmazonRefusal 400 for what the store would not take
 */
export function addApk(
  draft: Draft,
  pack: Package,
  name: string | undefined,
  resources: Resources,
  settings: AmazonSettings,
): Changed {
  const document = documentOf(draft.submission)
  const versionCode = fitVersionCode(draft, pack, document.apks)
  if (document.apks.length >= mostApks) throw invalidInput(`An edit has ${mostApks} APKs at most`)
  const apk: Apk = {
    id: apkId(pack.id),
    versionCode,
    name: name ?? nextAlias(document),
    packageId: pack.id,
    drm: settings.drm === 'none' ? false : null,
  }
  const added = touched({ ...document, apks: [...document.apks, apk] }, resources.apk(apk.id))
  return {
    document: autoTarget(added, resources, apk, [...draft.packages, pack], settings.targeting),
    apk,
  }
}

/**
 * Puts another binary into an APK's place: id, targeting and DRM stay (amazon-appstore.md 7-28).
 * @throws AmazonRefusal 400 for what the store would not take
 */
export function replaceApk(
  draft: Draft,
  id: string,
  pack: Package,
  name: string | undefined,
  resources: Resources,
): Changed {
  const document = documentOf(draft.submission)
  const replaced = apkOf(document, id)
  const others = document.apks.filter((apk) => apk.id !== id)
  const versionCode = fitVersionCode(draft, pack, others)
  const apk: Apk = { ...replaced, versionCode, packageId: pack.id, name: name ?? replaced.name }
  const apks = document.apks.map((each) => (each.id === id ? apk : each))
  return { document: touched({ ...document, apks }, resources.apk(id)), apk }
}

/** The document without an APK and its targeting. The last one may go, too (amazon-appstore.md 7-57). */
export function removeApk(document: EditDocument, id: string, resources: Resources): EditDocument {
  apkOf(document, id)
  const { [id]: _removed, ...targeting } = document.targeting
  const apks = document.apks.filter((apk) => apk.id !== id)
  return touched({ ...document, apks, targeting }, resources.apk(id), resources.targeting(id))
}

/**
 * The version code of a package that may stand in the edit beside these others.
 * @throws AmazonRefusal 400
 */
function fitVersionCode(
  { product, packages, submission }: Draft,
  pack: Package,
  others: readonly Apk[],
): number {
  if (pack.format !== 'apk' || !pack.sound) throw unsound(pack)
  const { versionCode, split } = pack.facts
  if (split !== null) throw invalidInput(`The APK is the split '${String(split)}'. Upload the base APK.`)
  if (typeof versionCode !== 'number') throw invalidInput('The version code is larger than the store takes')
  const names = others.flatMap(
    (apk) => packages.find((other) => other.id === apk.packageId)?.facts.package ?? [],
  )
  const expected = product.identity ?? names[0] ?? null
  if (expected !== null && pack.facts.package !== expected) {
    throw invalidInput(
      `The package name ${String(pack.facts.package)} is not that of the app, ${String(expected)}`,
    )
  }
  const { published } = documentOf(submission)
  if (others.some((apk) => apk.versionCode === versionCode) || published.includes(versionCode)) {
    throw refusal(
      400,
      'error_apk_version_code_conflict',
      `An APK with the version code ${versionCode} was uploaded before`,
    )
  }
  return versionCode
}

/** What the inspection has against it, as far as it refuses the package. */
function unsound({ findings }: Package): AmazonRefusal {
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => ({ errorCode: 'invalid_input', errorMessage: `${message} (${code})` }))
  return errors.length > 0 ? new AmazonRefusal(400, errors) : invalidInput('The file is no APK')
}

/** `M` and twelve letters or digits, as the store's ids look; always the same for one package. */
function apkId(packageId: string): string {
  const digest = BigInt(`0x${createHash('sha256').update(packageId).digest('hex')}`)
  return `M${digest.toString(36).toUpperCase().slice(-12)}`
}

/** The console names binaries `APK1`, `APK2` … */
function nextAlias({ apks }: EditDocument): string {
  const names = new Set(apks.map(({ name }) => name))
  for (let number = apks.length + 1; ; number++) {
    if (!names.has(`APK${number}`)) return `APK${number}`
  }
}
