/**
 * Why Chromium can't read a match pattern, undefined when it can. Only what it surely refuses is said: unknown
 * schemes and odd hosts are its own business.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '<all_urls>') return undefined
  const separator = pattern.indexOf('://')
  if (separator <= 0) return 'Missing scheme separator.'
  const scheme = pattern.slice(0, separator)
  if (!/^(?:\*|[A-Za-z][A-Za-z0-9+.-]*)$/.test(scheme)) return 'Invalid scheme.'
  const rest = pattern.slice(separator + 3)
  if (scheme === 'file') return rest === '' ? 'Empty path.' : undefined
  const slash = rest.indexOf('/')
  if (slash < 0) return 'Empty path.'
  const host = rest.slice(0, slash)
  if (host === '') return 'Empty host.'
  const fixed = host.startsWith('*.') ? host.slice(2) : host === '*' || host.startsWith('*:') ? '' : host
  return fixed.split(':', 1)[0]?.includes('*') === true ? 'Invalid host wildcard.' : undefined
}
