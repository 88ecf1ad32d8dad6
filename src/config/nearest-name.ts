/** What was probably meant by an unknown name of an option, for the error message. */
export type Hint = (name: string, here: readonly string[]) => string | undefined

/** The hint that needs no knowledge: the known name that is nearest. Few edits, since the time grows with 3 to their power. */
export const nearestName: Hint = (name, here) => {
  const given = simple(name)
  const limit = Math.min(given.length / 4, 3)
  for (let edits = 0; edits <= limit; edits++) {
    const found = here.find((known) => isWithin(edits, given, simple(known)))
    if (found) return found
  }
  return undefined
}

export const simple = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '')

/** Whether so many insertions, deletions and substitutions make one of the other (Levenshtein). */
function isWithin(edits: number, a: string, b: string): boolean {
  if (a === b || edits <= 0) return a === b
  const [x, y] = [a.slice(1), b.slice(1)]
  if (a[0] === b[0]) return isWithin(edits, x, y)
  return isWithin(edits - 1, x, b) || isWithin(edits - 1, a, y) || isWithin(edits - 1, x, y)
}
