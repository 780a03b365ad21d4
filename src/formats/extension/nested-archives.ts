import type { ExtensionFindings } from './findings.ts'
import type { ExtensionFiles } from './layout.ts'

/** By the end of the name, as Edge was seen to judge: `.gz` and `.zip` were refused; the others are their kin. */
const archiveName = /\.(?:zip|gz|tgz|7z|rar|crx|bz2|xz)$/i

export function judgeNestedArchives(files: ExtensionFiles, findings: ExtensionFindings): void {
  for (const path of files.paths()) {
    if (archiveName.test(path)) findings.add('extension-nested-archive', `${files.folder}${path}`)
  }
}

const magics: readonly (readonly [string, readonly number[]])[] = [
  ['ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['RAR', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['7-Zip', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['CRX', [0x43, 0x72, 0x32, 0x34]],
]

/** An archive by its first bytes that its name does not show. */
export function judgeDisguisedArchive(name: string, start: Uint8Array, findings: ExtensionFindings): void {
  if (archiveName.test(name)) return
  const kind = magics.find(([, magic]) => magic.every((byte, index) => start[index] === byte))?.[0]
  if (kind !== undefined) findings.add('extension-disguised-archive', name, kind)
}
