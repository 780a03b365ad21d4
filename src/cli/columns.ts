type Cell = string | number | null

/** Rows in aligned columns under their titles, a line each. */
export function columns(titles: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const cells = [titles.map((title) => title.toUpperCase()), ...rows.map((row) => row.map(printable))]
  const widths = titles.map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Names and their values, aligned, a line each. */
export function fields(values: { readonly [name: string]: Cell }): string[] {
  const width = Math.max(...Object.keys(values).map((name) => name.length))
  return Object.entries(values).map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`.trimEnd())
}

/** What others have named must not steer the terminal that shows it. */
export function printable(cell: Cell): string {
  return cell === null || cell === '' ? '-' : String(cell).replace(/\p{Cc}/gu, '\ufffd')
}

/** To the second, in UTC: `2030-01-31 12:00:00`. */
export function shortTime(time: string | null): string {
  return time === null ? '-' : time.slice(0, 19).replace('T', ' ')
}
