/** What we need of an `IncomingMessage`, or of what stands for one in tests and serverless runtimes. */
export interface HeaderSource {
  readonly rawHeaders?: readonly string[]
}

/**
 * The `Authorization` field lines. Node keeps only the first of several in `headers`; `rawHeaders` has them all. The
 * value itself comes from `headers`, where earlier middleware may have put another one.
 */
export function authorizationLines(
  value: string | null | undefined,
  source: HeaderSource | undefined,
): readonly string[] {
  const lines = rawLines(source?.rawHeaders)
  if (lines.length > 1) return lines
  return typeof value === 'string' ? [value] : []
}

function rawLines(raw: readonly string[] | undefined): readonly string[] {
  const lines: string[] = []
  if (!raw) return lines
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string
    if (name.length === 13 && name.toLowerCase() === 'authorization') lines.push(raw[at + 1] as string)
  }
  return lines
}
