/**
 * Caches the results for a few texts that occur again and again. It is bounded without keeping an order: when it is full,
 * it starts again.
 *
 * @param max how many texts
 */
export function memoize<T>(max: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly text: string; readonly output: T }>()
  // Most often the one before: to compare two texts costs less than to look one up.
  let last: { readonly text: string; readonly output: T } | undefined
  return (text) => {
    if (text === last?.text) return last.output
    last = known.get(text)
    if (last) return last.output
    last = { text: detachedCopy(text), output: make(text) }
    if (known.size >= max) known.clear()
    known.set(last.text, last)
    return last.output
  }
}

/** A text that was cut out of another one would keep all of it in memory: here, a token. */
export const detachedCopy = (text: string): string => JSON.parse(JSON.stringify(text))
