export type InfArchitecture = 'x86' | 'amd64' | 'arm64' | 'arm' | 'ia64'

/** A TargetOSVersion: `nt[Architecture][.[major][.[minor][.[product type][.[suite mask][.[build]]]]]]`. */
export interface Decoration {
  /** As written; '' for none. */
  readonly text: string
  readonly architecture: InfArchitecture | ''
  /** False when it is not of that form, as in a template before StampInf. */
  readonly isKnown: boolean
  /** A product type or suite mask narrows it, which universal drivers may not. */
  readonly hasProductOrSuite: boolean
}

const architectures: readonly string[] = ['x86', 'amd64', 'arm64', 'arm', 'ia64'] satisfies InfArchitecture[]
const fieldsAfterArchitecture = 5

export function parseDecoration(text: string): Decoration {
  const [head = '', ...fields] = text.toLowerCase().split('.')
  const architecture = head.startsWith('nt') ? head.slice(2) : head
  const isArchitecture = architectures.includes(architecture)
  const areNumbers = fields.every((field) => /^(?:0x[0-9a-f]{1,8}|\d{0,10})$/.test(field))
  return {
    text,
    architecture: isArchitecture ? (architecture as InfArchitecture) : '',
    isKnown:
      text === '' ||
      (head.startsWith('nt') &&
        (architecture === '' || isArchitecture) &&
        fields.length <= fieldsAfterArchitecture &&
        areNumbers),
    hasProductOrSuite: (fields[2] ?? '') !== '' || (fields[3] ?? '') !== '',
  }
}
