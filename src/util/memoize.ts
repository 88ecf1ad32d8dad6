/**
 * Remembers what was made of the last texts, for a few texts that come again and again. It is bounded without keeping
 * order: when it is full, it begins anew.
 *
 * @param most how many texts
 */
export function remembering<T>(most: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly text: string; readonly made: T }>()
  // Most often the one before: to compare two texts costs less than to look one up.
  let last: { readonly text: string; readonly made: T } | undefined
  return (text) => {
    if (text === last?.text) return last.made
    last = known.get(text)
    if (last) return last.made
    last = { text: ownCopy(text), made: make(text) }
    if (known.size >= most) known.clear()
    known.set(last.text, last)
    return last.made
  }
}

/** A text that was cut out of another one would keep all of it in memory: here, a token. */
export const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text))
