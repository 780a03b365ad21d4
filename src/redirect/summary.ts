export interface ReportedFinding {
  readonly severity: string
  readonly code: string
  readonly message: string
}

/** What a run leaves to be asserted; `--report` writes it as JSON (`docs/run.md`). */
export interface RunReport {
  readonly command: readonly string[]
  readonly exitCode: number
  /** In the order in which they ended. */
  readonly requests: readonly {
    readonly method: string
    readonly host: string
    /** With the names, not the values, of the query. */
    readonly path: string
    /** 0 when the connection broke before the client had heard the answer. */
    readonly status: number
    readonly ms: number
  }[]
  /** What the client asked for and was kept from, as `host:port`. */
  readonly refusedHosts: readonly string[]
  readonly submissions: readonly {
    readonly store: string
    readonly productId: string
    readonly id: string
    /** The store's own word. */
    readonly state: string
    readonly findings: readonly ReportedFinding[]
  }[]
  /** Of asynchronous requests, such as Edge's uploads. */
  readonly operations: readonly {
    readonly store: string
    readonly productId: string
    readonly id: string
    readonly kind: string
    readonly status: string
    readonly reason: string | null
    readonly findings: readonly ReportedFinding[]
  }[]
}

/** The report as lines for a person. */
export function summarize(report: RunReport): string {
  const lines = [`slipway run: ${report.command.join(' ')} ended with ${report.exitCode}`]
  lines.push(...report.requests.map(describeRequest))
  lines.push(...report.refusedHosts.map((host) => `  refused  ${host}`))
  for (const { store, productId, id, kind, status, reason, findings } of report.operations) {
    lines.push(`  ${store} ${productId}  ${kind} ${id}: ${status}${reason === null ? '' : ` (${reason})`}`)
    lines.push(...findings.map(describeFinding))
  }
  for (const { store, productId, id, state, findings } of report.submissions) {
    lines.push(`  ${store} ${productId}  submission ${id}: ${state}`)
    lines.push(...findings.map(describeFinding))
  }
  return lines.join('\n')
}

function describeRequest({ method, host, path, status, ms }: RunReport['requests'][number]): string {
  return `  ${method.padEnd(6)} ${host}${path}  ${status === 0 ? 'not answered' : status}  ${ms} ms`
}

function describeFinding({ severity, code, message }: ReportedFinding): string {
  return `    ${severity} ${code}: ${message}`
}
