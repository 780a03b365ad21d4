/** One attribute of a distinguished name. */
export interface NamePart {
  /** Object identifier in dotted form. */
  readonly type: string
  readonly value: string
}

/** The attribute types ST_Publisher_2010_v2 allows, by their keyword. */
const typeByKeyword = new Map([
  ['CN', '2.5.4.3'],
  ['SN', '2.5.4.4'],
  ['SERIALNUMBER', '2.5.4.5'],
  ['C', '2.5.4.6'],
  ['L', '2.5.4.7'],
  ['S', '2.5.4.8'],
  ['STREET', '2.5.4.9'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['T', '2.5.4.12'],
  ['Description', '2.5.4.13'],
  ['PostalCode', '2.5.4.17'],
  ['POBox', '2.5.4.18'],
  ['Phone', '2.5.4.20'],
  ['X21Address', '2.5.4.24'],
  ['G', '2.5.4.42'],
  ['I', '2.5.4.43'],
  ['dnQualifier', '2.5.4.46'],
  ['DC', '0.9.2342.19200300.100.1.25'],
  ['E', '1.2.840.113549.1.9.1'],
])

const keywordByType = new Map([...typeByKeyword].map(([keyword, type]) => [type, keyword]))

const longest = 8192
const objectIdentifier = /^OID\.((?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+)$/

/**
 * A manifest's Publisher, most specific attribute first, as the manifest writes it: `CN=Contoso, O="A, B", C=US`.
 * Undefined when it does not follow the schema (ST_Publisher): parts joined by a comma and one space, values
 * with special characters in quotes, a quote doubled.
 */
export function parsePublisher(text: string): NamePart[] | undefined {
  if (text.length === 0 || text.length > longest) return undefined
  const parts: NamePart[] = []
  let rest = text
  for (;;) {
    const equals = rest.indexOf('=')
    const type = equals < 0 ? undefined : typeOf(rest.slice(0, equals))
    if (type === undefined) return undefined
    const value = readValue(rest.slice(equals + 1))
    if (value === undefined) return undefined
    parts.push({ type, value: value.text })
    if (value.rest === '') return parts
    if (!value.rest.startsWith(', ')) return undefined
    rest = value.rest.slice(2)
  }
}

const typeOf = (keyword: string): string | undefined =>
  typeByKeyword.get(keyword) ?? objectIdentifier.exec(keyword)?.[1]

function readValue(text: string): { text: string; rest: string } | undefined {
  if (!text.startsWith('"')) {
    const end = text.search(/[,+="<>#;]/)
    const value = end < 0 ? text : text.slice(0, end)
    return value.trim() === '' ? undefined : { text: value, rest: end < 0 ? '' : text.slice(end) }
  }
  let value = ''
  for (let at = 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return undefined
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') return { text: value, rest: text.slice(quote + 1) }
    value += '"'
    at = quote + 2
  }
}

/** Letter case and runs of white space do not distinguish names (RFC 5280, 7.1). */
const folded = (value: string): string => value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()

/** Same attributes in the same order. */
export function sameName(a: readonly NamePart[], b: readonly NamePart[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ type, value }, index) => {
      const other = b[index]
      return other !== undefined && type === other.type && folded(value) === folded(other.value)
    })
  )
}

/** As a manifest would write it. */
export const formatName = (parts: readonly NamePart[]): string =>
  parts
    .map(({ type, value }) => {
      const text = /[,+="<>#;]|^\s|\s$|^$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
      return `${keywordByType.get(type) ?? `OID.${type}`}=${text}`
    })
    .join(', ')
