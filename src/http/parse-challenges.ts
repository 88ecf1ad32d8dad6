/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  /** As written, such as `Bearer`. */
  readonly scheme: string
  /** Parameter names in lower case, and values without their quotes. */
  readonly parameters: Readonly<Record<string, string>>
}

// RFC 9110 §5.6.2, §5.6.4, §11.2
const SCHEME = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: +|(?=,|$))/
const PARAMETER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))/
const COMMA = /^[ \t]*,[ \t]*/

/**
 * Parses all challenges of a `WWW-Authenticate` header, in order. It is strict, because some clients are.
 *
 * @throws {SyntaxError} for a value that is not a list of challenges, or a repeated parameter in one (RFC 6750 §3)
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
      if (Object.hasOwn(parameters, key)) throw new SyntaxError(`${key} occurs twice`)
      parameters[key] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''
      const before = rest
      const comma = take(COMMA)
      parameter = comma && take(PARAMETER)
      // The comma may separate the next challenge instead: leave it to the outer loop.
      if (comma && !parameter) rest = before
    }
    challenges.push({ scheme, parameters: { ...parameters } })
    if (rest === '') break
    if (!take(COMMA) || rest === '') throw new SyntaxError(`no list of challenges: ${JSON.stringify(rest)}`)
  }
  return challenges
}
