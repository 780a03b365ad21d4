/** An adaptive model of the arithmetic coder: symbols by cumulative frequency, largest first. */
export interface QuantumModel {
  readonly size: number
  readonly symbols: Uint16Array
  /** One more than there are symbols; the last is always 0, the first is the total. */
  readonly cumulative: Uint16Array
  /** Halvings left before the symbols are put in order again. */
  untilSort: number
}

const growth = 8
const fullTotal = 3800
const firstSort = 4
const laterSorts = 50

export function createQuantumModel(firstSymbol: number, size: number): QuantumModel {
  const symbols = Uint16Array.from({ length: size }, (_, i) => firstSymbol + i)
  const cumulative = Uint16Array.from({ length: size + 1 }, (_, i) => size - i)
  return { size, symbols, cumulative, untilSort: firstSort }
}

/** Counts the symbol at `position` once more. */
export function strengthen(model: QuantumModel, position: number): void {
  const { cumulative } = model
  for (let i = 0; i <= position; i += 1) cumulative[i] = (cumulative[i] ?? 0) + growth
  if ((cumulative[0] ?? 0) > fullTotal) age(model)
}

function age(model: QuantumModel): void {
  model.untilSort -= 1
  if (model.untilSort > 0) halve(model)
  else {
    model.untilSort = laterSorts
    halveAndSort(model)
  }
}

function halve({ cumulative, size }: QuantumModel): void {
  for (let i = size - 1; i >= 0; i -= 1) {
    const halved = (cumulative[i] ?? 0) >> 1
    // Every symbol keeps a frequency of at least one.
    cumulative[i] = Math.max(halved, (cumulative[i + 1] ?? 0) + 1)
  }
}

function halveAndSort({ cumulative, symbols, size }: QuantumModel): void {
  for (let i = 0; i < size; i += 1) {
    cumulative[i] = ((cumulative[i] ?? 0) - (cumulative[i + 1] ?? 0) + 1) >> 1
  }
  // Equal frequencies change places in this exchange sort; a stable sort would give other symbols.
  for (let i = 0; i < size - 1; i += 1) {
    for (let j = i + 1; j < size; j += 1) {
      const [a, b] = [cumulative[i] ?? 0, cumulative[j] ?? 0]
      if (a >= b) continue
      const symbol = symbols[i] ?? 0
      cumulative[i] = b
      cumulative[j] = a
      symbols[i] = symbols[j] ?? 0
      symbols[j] = symbol
    }
  }
  for (let i = size - 1; i >= 0; i -= 1) cumulative[i] = (cumulative[i] ?? 0) + (cumulative[i + 1] ?? 0)
}
