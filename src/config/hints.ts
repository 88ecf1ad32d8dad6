import { type Hint, nearestName, simple } from './nearest-name.ts'
import type { Member, Members } from './validate.ts'

/** What options of other libraries are called here, by their names in lower case without `_` and `-`. */
const RENAMED: readonly (readonly [use: string, names: RegExp])[] = [
  ["requireScope('…') on a route", /scope$|^required?scopes/],
  ['optionalAuth() on a route', /required/],
  ['issuer: { allow: …, resolve: … }, for all issuers', /^(allow|resolve|alive)$/],
  ['issuer.introspection.endpoint', /^introspection./],
  ['issuer.introspection.client', /^client(?!s$)/],
  ['issuer.audience', /^aud/],
  ['issuer.keys', /jwks?(ur|$)|secret|key$|^cert/],
  ['issuer.algorithms', /alg/],
  ['issuer.clockTolerance', /toleran|skew|leeway/],
  ['issuer.deadline', /timeout/],
  ['issuer.maxAge', /age$/],
  ['issuer.introspect', /^verif|^valid/],
  ['issuer.profile', /^strict$/],
  ['credentials', /^gettoken|^extract/],
  ['onEvent', /^onerror|^logg/],
  ['publicUrl', /^trustproxy|^baseurl/],
  ['issuer', /^iss|authority|domain|server|discovery/],
]

/**
 * The hints of a server: they know what the options of other libraries are called here, and where an option belongs.
 *
 * @param root the members of the outermost object
 */
export function hintsIn(root: Members): Hint {
  return (name, here) => {
    const everywhere = pathsIn(root)
    const given = simple(name)
    // Checks of other objects than the options of a server do not have the options that the list names.
    const isKnown = (use: string) =>
      /[^\w.]/.test(use) ||
      [...everywhere, ...here.map((known) => [known])].some((path) => `.${use}`.endsWith(`.${path.join('.')}`))
    const renamed = RENAMED.find(([use, names]) => names.test(given) && isKnown(use))?.[0]
    const isGiven = (known: string | undefined) => known !== undefined && simple(known) === given
    const local = here.find(isGiven) ?? here.find((known) => renamed?.endsWith(`.${known}`))
    if (local) return local
    const path = renamed?.split('.') ?? everywhere.find((one) => isGiven(one.at(-1)))
    return path ? written(path) : nearestName(name, here)
  }
}

type Path = readonly string[]

/** The paths of all options, those with the fewest levels first. */
const pathsIn = (members: Members = {}, before: Path = []): Path[] =>
  Object.entries(members)
    .flatMap(([name, entry]) => {
      const path = [...before, name]
      return [path, ...pathsIn((entry as Member).check?.members, path)]
    })
    .sort((a, b) => a.length - b.length)

/** `issuer: { issuer: …, keys: … }` for `issuer.keys`: an issuer that is an object needs its name as well. */
const written = (path: Path): string =>
  path.length === 1
    ? String(path[0])
    : `${path.join(': { ')}: …${' }'.repeat(path.length - 1)}`.replace('issuer: { ', 'issuer: { issuer: …, ')
