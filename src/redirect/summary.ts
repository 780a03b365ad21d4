/** What a run leaves to be asserted; `--report` writes it as JSON. */
export interface RunReport {
  readonly command: readonly string[]
  readonly exitCode: number
  readonly requests: readonly {
    readonly method: string
    readonly host: string
    readonly path: string
    readonly status: number
    readonly ms: number
  }[]
  /** Hosts the client asked for and was kept from. */
  readonly refusedHosts: readonly string[]
  readonly submissions: readonly {
    readonly store: string
    readonly productId: string
    readonly id: string
    /** The store's own word. */
    readonly state: string
    readonly findings: readonly {
      readonly severity: string
      readonly code: string
      readonly message: string
    }[]
  }[]
  /** Of asynchronous requests, such as Edge's uploads. */
  readonly operations: readonly {
    readonly store: string
    readonly productId: string
    readonly id: string
    readonly kind: string
    readonly status: string
    readonly reason: string | null
    readonly findings: readonly {
      readonly severity: string
      readonly code: string
      readonly message: string
    }[]
  }[]
}

/** The report as lines for a person. */
export function summarize(report: RunReport): string {
  const lines = [`slipway run: ${report.command.join(' ')} ended with ${report.exitCode}`]
  lines.push(...report.requests.map(describeRequest))
  lines.push(...report.refusedHosts.map((host) => `  refused  ${host} (no store of the sandbox)`))
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
  return `  ${method.padEnd(6)} ${host}${path}  ${status}  ${ms} ms`
}

function describeFinding({
  severity,
  code,
  message,
}: {
  severity: string
  code: string
  message: string
}): string {
  return `    ${severity} ${code}: ${message}`
}
