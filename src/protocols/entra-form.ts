import { unescape as decodePercent } from 'node:querystring'
import { refusals } from './entra-refusals.ts'

/**
 * Reads a form whatever its Content-Type says (microsoft-hardware.md behaviour 7): every value as it was sent,
 * since only its reader knows whether the client encoded it.
 * @throws EntraRefusal when a parameter comes twice
 */
export function readForm(body: string): Map<string, string> {
  const form = new Map<string, string>()
  for (const pair of body.trim().split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeForm(equals < 0 ? pair : pair.slice(0, equals))
    if (form.has(name)) throw refusals.duplicateParameter(name)
    form.set(name, equals < 0 ? '' : pair.slice(equals + 1))
  }
  return form
}

/** Decodes as forms are decoded; a malformed escape stands for itself. */
export function decodeForm(value: string): string {
  return decodePercent(value.replaceAll('+', ' '))
}

/**
 * What a secret may have been before it was sent, the likeliest first: properly encoded, encoded except for its
 * plus signs, not encoded at all (microsoft-store.md behaviour 48).
 */
export function secretReadings(sent: string): string[] {
  return [...new Set([decodeForm(sent), decodePercent(sent), sent])]
}
