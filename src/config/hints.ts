import { ConfigurationError } from '../errors/errors.ts'
import { type Member, type Members, member } from './validate.ts'

/** What options of other libraries are called here, by their names in lower case without `_` and `-`. */
const RENAMED: readonly (readonly [use: string, names: RegExp])[] = [
  ["requireScope('…') on a route", /scope$|^required?scopes/],
  ['optionalAuth() on a route', /required/],
  ['issuer: { allow: …, resolve: … }', /^(allow|resolve|alive)$/],
  ['issuer.introspection.endpoint', /^introspection./],
  ['issuer.introspection.client', /^client(?!s$)/],
  ['issuer.audience', /^aud/],
  ['issuer.keys', /jwks?(ur|$)|secret|key$|^cert/],
  ['issuer.algorithms', /alg/],
  ['issuer.clockTolerance', /toleran|skew|leeway/],
  ['issuer.deadline', /timeout/],
  ['issuer.maxAge', /age$/],
  ['issuer.introspect', /^verif|^valid/],
  ['issuer', /^iss|authority|domain|server|discovery/],
]

type Path = readonly string[]

/** Names the option to use instead, or all that are known here. */
export function unknownOption(option: string, name: string, members: Members, root: Members): ConfigurationError {
  const hint = hintFor(name, Object.keys(members), pathsIn(root))
  return new ConfigurationError(
    member(option, name),
    `is unknown; ${hint ?? `the options here: ${Object.keys(members).join(', ')}`}`,
  )
}

function hintFor(name: string, here: readonly string[], everywhere: readonly Path[]): string | undefined {
  const given = simple(name)
  const local = here.map((known) => [known])
  // Checks of other objects than the options of a server do not have the options that the list names.
  const isHere = (use: string) =>
    /[^\w.]/.test(use) || [...everywhere, ...local].some((path) => `.${use}`.endsWith(`.${path.join('.')}`))
  const renamed = RENAMED.find(([use, names]) => names.test(given) && isHere(use))?.[0]
  const same = closest(given, local, 0) ?? local.find(([known]) => renamed?.endsWith(`.${known}`))
  const near = Math.min(given.length / 4, 3)
  const use = same ?? renamed?.split('.') ?? closest(given, everywhere, 0) ?? closest(given, local, near)
  return use && `did you mean ${use.length > 1 ? written(use) : use[0]}?`
}

const simple = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '')

/** The paths of all options, those with the fewest levels first. */
const pathsIn = (members: Members = {}, before: Path = []): Path[] =>
  Object.entries(members)
    .flatMap(([name, entry]) => {
      const path = [...before, name]
      return [path, ...pathsIn((entry as Member).check?.members, path)]
    })
    .sort((a, b) => a.length - b.length)

/** The first path whose last name is nearest, by at most `limit` edits: few, since the time grows with 3 to their power. */
function closest(name: string, paths: readonly Path[], limit: number): Path | undefined {
  for (let edits = 0; edits <= limit; edits++) {
    const found = paths.find((path) => isWithin(edits, name, simple(path.at(-1) as string)))
    if (found) return found
  }
  return undefined
}

/** Whether so many insertions, deletions and substitutions make one of the other (Levenshtein). */
function isWithin(edits: number, a: string, b: string): boolean {
  if (a === b || edits <= 0) return a === b
  const [x, y] = [a.slice(1), b.slice(1)]
  if (a[0] === b[0]) return isWithin(edits, x, y)
  return isWithin(edits - 1, x, b) || isWithin(edits - 1, a, y) || isWithin(edits - 1, x, y)
}

/** `issuer: { issuer: …, keys: … }` for `issuer.keys`: an issuer that is an object needs its name as well. */
const written = (path: Path): string =>
  `${path.join(': { ')}: …${' }'.repeat(path.length - 1)}`.replace('issuer: { ', 'issuer: { issuer: …, ')
