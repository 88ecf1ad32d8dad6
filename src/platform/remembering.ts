/**
 * Remembers what was made of the last texts, for a few texts that come again and again. It is bounded without keeping
 * order: when it is full, it begins anew.
 *
 * @param most how many texts
 */
export function remembering<T>(most: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const met = known.get(text)
    if (met !== undefined) return met
    const made = make(text)
    if (known.size >= most) known.clear()
    known.set(ownCopy(text), made)
    return made
  }
}

/** A text that was cut out of another one would keep all of it in memory: here, a token. */
export const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text))
