import type { Finding, Severity } from '../types.ts'

/** One line of a catalogue of findings. */
export interface Rule {
  readonly severity: Severity
  readonly message: (...details: never[]) => string
}

export type Catalogue = Readonly<Record<string, Rule>>
type Details<C extends Catalogue, Code extends keyof C> = Parameters<C[Code]['message']>

export const error = <M extends Rule['message']>(message: M) => ({ severity: 'error', message }) as const
export const warning = <M extends Rule['message']>(message: M) => ({ severity: 'warning', message }) as const
export const notice = <M extends Rule['message']>(message: M) => ({ severity: 'notice', message }) as const

/** Findings kept for one code; hostile content could otherwise fill memory with them. */
const kept = 50
const longestTarget = 300

/** Collects findings of a catalogue: the first {@link kept} of each code, and how many more there were. */
export interface FindingList<C extends Catalogue> {
  /** `target` names the entry or key it is about, or is undefined for the whole package. */
  add<Code extends keyof C & string>(
    code: Code,
    target: string | undefined,
    ...details: Details<C, Code>
  ): void
  all(): Finding[]
}

/** @param omitted the code of the catalogue that says `(count, code)` of what was left out. */
export function collectFindings<C extends Catalogue>(
  catalogue: C,
  omitted: keyof C & string,
): FindingList<C> {
  const findings: Finding[] = []
  const counts = new Map<string, number>()
  const make = (code: keyof C & string, target: string | undefined, details: unknown[]): Finding => {
    const { severity, message } = catalogue[code] as Rule
    const text = (message as (...details: unknown[]) => string)(...details)
    return {
      code,
      severity,
      message: text,
      ...(target === undefined ? {} : { target: target.slice(0, longestTarget) }),
    }
  }
  return {
    add(code, target, ...details) {
      const count = (counts.get(code) ?? 0) + 1
      counts.set(code, count)
      if (count <= kept) findings.push(make(code, target, details))
    },
    all() {
      const more = [...counts].filter(([, count]) => count > kept)
      return [...findings, ...more.map(([code, count]) => make(omitted, undefined, [count - kept, code]))]
    },
  }
}
