/** One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1). */
export interface Challenge {
  /** As it was written, such as `Bearer`. */
  readonly scheme: string
  /** Parameter names in lower case, and values without their quotes. */
  readonly parameters: Readonly<Record<string, string>>
}

// RFC 9110 §5.6.2, §5.6.4, §11.2
const SCHEME = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: +|(?=,|$))/
const PARAMETER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))/
const COMMA = /^[ \t]*,[ \t]*/

/**
 * Reads a `WWW-Authenticate` field: all its challenges, in order. Strict, since a client that is not may exist, and one
 * that is does.
 *
 * @throws {SyntaxError} what is no list of challenges, and a parameter that stands twice in one (RFC 6750 §3)
 */
export function parseChallenges(value: string): readonly Challenge[] {
  const challenges: Challenge[] = []
  let rest = value.trim()
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const found = pattern.exec(rest)
    if (found) rest = rest.slice(found[0].length)
    return found ?? undefined
  }
  while (rest !== '') {
    const scheme = take(SCHEME)?.[1]
    if (scheme === undefined) throw new SyntaxError(`no scheme: ${JSON.stringify(rest)}`)
    const parameters: Record<string, string> = Object.create(null) as Record<string, string>
    for (let parameter = take(PARAMETER); parameter; ) {
      const [, name = '', quoted, plain] = parameter
      const key = name.toLowerCase()
      if (Object.hasOwn(parameters, key)) throw new SyntaxError(`${key} stands twice`)
      parameters[key] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''
      const before = rest
      const comma = take(COMMA)
      parameter = comma && take(PARAMETER)
      // What follows a comma may be the next challenge; then the comma is left for it.
      if (comma && !parameter) rest = before
    }
    challenges.push({ scheme, parameters: { ...parameters } })
    if (rest === '') break
    if (!take(COMMA) || rest === '') throw new SyntaxError(`no list of challenges: ${JSON.stringify(rest)}`)
  }
  return challenges
}
