/** Milliseconds for which an id that was looked for in vain is not looked for again. */
const absentForMs = 1000

/** So that forged ids fill no memory: so many are remembered as absent, and none is longer than this. */
const mostAbsent = 1000
const longestId = 64

/**
 * Finds keys that another process may have made since the keys were last read: a token that it signed with one is
 * good here at once. What is forged names ids without end, so there is one read at a time, for all who wait, and
 * an id that was not there is remembered: nobody can name one before it is made.
 * @param read all keys as they are now, by id
 * @param now milliseconds since 1970
 */
export function openKeySearch<Key>(
  read: () => Promise<ReadonlyMap<string, Key>>,
  now: () => number,
): (id: string) => Promise<Key | undefined> {
  const absent = new Map<string, number>()
  const readAgain = oneAtATime(read)
  // A virtual clock can be set back, so age is a distance.
  const isAbsent = (id: string) =>
    Math.abs(now() - (absent.get(id) ?? Number.NEGATIVE_INFINITY)) < absentForMs
  const rememberAbsent = (id: string) => {
    absent.delete(id)
    const [oldest] = absent.keys()
    if (oldest !== undefined && absent.size >= mostAbsent) absent.delete(oldest)
    absent.set(id, now())
  }
  return async (id) => {
    if (id.length > longestId || isAbsent(id)) return undefined
    const key = (await readAgain()).get(id)
    if (key === undefined) rememberAbsent(id)
    return key
  }
}

/** Who comes while a read is under way shares the next: this one may have begun before what they look for was there. */
function oneAtATime<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined
  const begin = async (): Promise<T> => {
    await running?.catch(() => {})
    next = undefined
    running = read()
    return running
  }
  return () => {
    next ??= begin()
    return next
  }
}
