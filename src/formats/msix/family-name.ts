import { hash } from 'node:crypto'

/** Crockford's base 32, lower case. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The 13 characters that stand for a publisher: the first 64 bits of the SHA-256 of its UTF-16 (little-endian)
 * text, a zero bit appended, in base 32 (PackageFamilyNameFromId; `8wekyb3d8bbwe` is Microsoft's).
 */
export function publisherId(publisher: string): string {
  const digest = hash('sha256', Buffer.from(publisher, 'utf16le'), 'buffer')
  let bits = digest.readBigUInt64BE(0) << 1n
  let id = ''
  for (let index = 0; index < 13; index += 1) {
    id = (digits[Number(bits & 31n)] ?? '') + id
    bits >>= 5n
  }
  return id
}

export const familyName = (name: string, publisher: string): string => `${name}_${publisherId(publisher)}`

export interface FullNameParts {
  readonly name: string
  readonly publisher: string
  readonly version: string
  readonly architecture: string
  readonly resourceId: string
}

/** `Name_Version_Architecture_ResourceId_PublisherId`: what two packages of one machine can't share. */
export const fullName = ({ name, publisher, version, architecture, resourceId }: FullNameParts): string =>
  `${name}_${version}_${architecture}_${resourceId}_${publisherId(publisher)}`
