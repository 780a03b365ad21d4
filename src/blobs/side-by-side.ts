/**
 * Does work side by side and hands out the results in order. At most `ahead` are under way or waiting to be taken.
 * When one fails, the others have ended before its error comes through.
 */
export async function* sideBySide<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = []
  try {
    for await (const item of items) {
      const result = work(item)
      // Met when its turn comes; until then it must not count as unhandled.
      result.catch(() => {})
      begun.push(result)
      if (begun.length >= ahead) yield await (begun.shift() as Promise<Result>)
    }
    for (let next = begun.shift(); next; next = begun.shift()) yield await next
  } finally {
    await Promise.allSettled(begun)
  }
}
