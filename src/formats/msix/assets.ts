import { pathKey } from './file-name.ts'
import type { Say } from './findings.ts'
import type { FileReference } from './manifest-types.ts'

/** Names of the resource qualifiers, long and short (MRT). */
const qualifier =
  /^(?:language|lang|scale|contrast|targetsize|altform|homeregion|layoutdirection|layoutdir|theme|config|configuration|dxfeaturelevel|dxfl|devicefamily)-[^-_][^_]*$/

const isQualifiers = (text: string): boolean => text.split('_').every((each) => qualifier.test(each))

/** A folder may also be named after a language alone. */
const isLanguageFolder = (text: string): boolean =>
  /^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?$/.test(text)

/**
 * The path without what tells one variant of a resource from another: the platform finds `Assets\Logo.png` as
 * `Assets\Logo.scale-200.png`, `Assets\contrast-black\Logo.png` or `Assets\de-DE\Logo.png`.
 */
function unqualified(key: string, foldLanguages: boolean): string {
  const segments = key.split('\\')
  const file = segments.pop() ?? ''
  const folders = segments.filter((each) => !isQualifiers(each) && !(foldLanguages && isLanguageFolder(each)))
  const tokens = file.split('.')
  const name = tokens.filter(
    (each, index) => index === 0 || index === tokens.length - 1 || !isQualifiers(each),
  )
  return [...folders, name.join('.')].join('\\')
}

const keyOf = (path: string): string => pathKey(path.replaceAll('/', '\\').replace(/^\\+/, ''))

/** Says which of the files that the manifest names are not in the package. */
export function judgeReferences(
  references: readonly FileReference[],
  keys: Iterable<string>,
  imagesElsewhere: boolean,
  say: Say,
): void {
  const exact = new Set<string>(keys)
  const variants = new Set<string>()
  for (const key of exact) variants.add(unqualified(key, false)).add(unqualified(key, true))
  for (const { path, target, kind } of references) {
    if (/^ms-(?:resource|appx):/i.test(path)) continue
    const key = keyOf(path)
    if (exact.has(key)) continue
    if (kind === 'program')
      say('msix-referenced-file-missing', `the file ${path} is not in the package`, target)
    else if (kind === 'extension')
      say('msix-extension-file-missing', `the file ${path} is not in the package`, target)
    else if (!imagesElsewhere && !variants.has(unqualified(key, false))) {
      say('msix-referenced-image-missing', `the image ${path} is not in the package, at any scale`, target)
    }
  }
}
