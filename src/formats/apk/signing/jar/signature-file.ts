import { Malformed } from '../../byte-cursor.ts'
import type { ApkCode } from '../../findings.ts'
import { Refusal, type Remark } from '../refusal.ts'
import { digestAgrees, digestsToVerify } from './jar-digests.ts'
import { type JarSection, readJarManifest } from './jar-manifest.ts'

/** The manifest as `.SF` files refer to it. */
export interface JarManifest {
  readonly bytes: Uint8Array
  readonly main: JarSection
  readonly byName: ReadonlyMap<string, JarSection>
}

/** What a signer's `.SF` file says, or why Android passes the signer over. */
export type SignatureFile = { readonly entryNames: ReadonlySet<string> } | { readonly ignored: string }

/** As many as an archive may have entries. */
const mostSections = 100_000

/** The sections of a file of the signature; what is wrong with them is a refusal of that file. */
export function* sectionsOf(
  bytes: Uint8Array,
  name: string,
  code: ApkCode,
): Generator<JarSection, undefined> {
  try {
    yield* readJarManifest(bytes)
  } catch (error) {
    if (error instanceof Malformed) throw new Refusal(code, error.message, name)
    throw error
  }
}

/**
 * Verifies an `.SF` file against the JAR manifest for the Android versions from `minSdk` on.
 * @param foundSchemes numbers of the newer schemes the package was verified with
 * @throws Refusal
 */
export function verifySignatureFile(
  name: string,
  bytes: Uint8Array,
  manifest: JarManifest,
  foundSchemes: ReadonlySet<number>,
  minSdk: number,
  remarks: Remark[],
): SignatureFile {
  const sections = sectionsOf(bytes, name, 'apk-v1-malformed')
  const main = sections.next().value
  if (main === undefined) throw new Refusal('apk-v1-malformed', 'it is empty', name)
  if (main.attribute('Signature-Version') === undefined) return { ignored: 'it has no Signature-Version' }
  refuseStripped(name, main, foundSchemes, remarks)

  const bySigntool = main.attribute('Created-By')?.includes('signtool') ?? false
  const wholeDigests = digestsToVerify(main, bySigntool ? '-Digest' : '-Digest-Manifest', minSdk)
  if (wholeDigests.some(({ digest }) => digest === undefined)) {
    throw new Refusal('apk-v1-malformed', 'its digest of the manifest is no Base64', name)
  }
  const wholeVerified =
    wholeDigests.length > 0 && wholeDigests.every((each) => digestAgrees(each, manifest.bytes))
  if (!bySigntool) {
    const mainDigests = digestsToVerify(main, '-Digest-Manifest-Main-Attributes', minSdk)
    if (!mainDigests.every((each) => digestAgrees(each, manifest.main.bytes))) {
      throw new Refusal('apk-v1-invalid', 'its digest of the manifest’s main section is wrong', name)
    }
  }
  const entryNames = new Set<string>()
  let ignored: string | undefined
  for (const section of sections) {
    if (section.name === undefined) return { ignored: 'it has a section without a name' }
    if (entryNames.has(section.name)) return { ignored: `it has two sections for ${section.name}` }
    if (entryNames.size === mostSections)
      throw new Refusal('apk-v1-malformed', 'it has too many sections', name)
    entryNames.add(section.name)
    if (wholeVerified) continue
    const described = manifest.byName.get(section.name)
    if (described === undefined) ignored ??= `it signs ${section.name}, which the manifest does not list`
    else verifySection(name, section, described, bySigntool, minSdk)
  }
  return ignored === undefined ? { entryNames } : { ignored }
}

function verifySection(
  name: string,
  section: JarSection,
  described: JarSection,
  bySigntool: boolean,
  minSdk: number,
): void {
  const digests = digestsToVerify(section, '-Digest', minSdk)
  if (digests.length === 0) throw new Refusal('apk-v1-invalid', `it has no digest for ${section.name}`, name)
  // signtool did not count the second of two line feeds that end a section.
  const bytes =
    bySigntool && described.bytes.at(-1) === 0x0a && described.bytes.at(-2) === 0x0a
      ? described.bytes.subarray(0, -1)
      : described.bytes
  if (digests.every((each) => digestAgrees(each, bytes))) return
  throw new Refusal('apk-v1-invalid', `its digest of the manifest section of ${section.name} is wrong`, name)
}

/** A signer lists the newer schemes it used too, so that nobody can take those signatures away. */
function refuseStripped(
  name: string,
  main: JarSection,
  foundSchemes: ReadonlySet<number>,
  remarks: Remark[],
): void {
  const listed = main.attribute('X-Android-APK-Signed')
  for (const text of listed?.split(',', 100) ?? []) {
    const number = /^[+-]?[0-9]{1,10}$/.test(text.trim()) ? Number(text.trim()) : undefined
    if (number === undefined) continue
    if (number !== 2 && number !== 3) {
      const detail = `it names signature scheme ${number}`
      remarks.push({ code: 'apk-signature-unknown-part', detail, target: name })
    } else if (!foundSchemes.has(number)) {
      throw new Refusal(
        'apk-signature-stripped',
        `it was signed with scheme v${number} too, which is not there`,
        name,
      )
    }
  }
}
