/** One line of the report: what was measured, its figure, and the bar it is held to. */
export interface Row {
  readonly what: string
  readonly value: string
  readonly bar: string
}

export interface Report {
  readonly name: string
  readonly rows: readonly Row[]
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`
}

export function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`
}
