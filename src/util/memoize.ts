/**
 * Caches the results for a few texts that recur. When the cache is full, it is cleared.
 *
 * @param max the maximum number of texts
 */
export function memoize<T>(max: number, compute: (text: string) => T): (text: string) => T {
  const cache = new Map<string, { readonly text: string; readonly output: T }>()
  // Usually the same text as before, and comparing two texts is cheaper than a lookup.
  let last: { readonly text: string; readonly output: T } | undefined
  return (text) => {
    if (text === last?.text) return last.output
    last = cache.get(text)
    if (last) return last.output
    last = { text: detachedCopy(text), output: compute(text) }
    if (cache.size >= max) cache.clear()
    cache.set(last.text, last)
    return last.output
  }
}

/** A slice of a string may keep the whole string in memory: here, a token. */
export const detachedCopy = (text: string): string => JSON.parse(JSON.stringify(text))
