import type { Dice } from '../support/dice.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// Issuers whose responses change, and a reference implementation without a cache. It is written from the standards
// alone, independently of the library: where both agree, they are probably right.

/** The server options that decide whether a response applies. */
export interface Setup {
  readonly resource: string
  readonly issuer: string
  /** The client that authenticates; `function` stands for an introspect function. */
  readonly client: string
  readonly audience: readonly string[] | null
  readonly tolerance: number
  readonly maxAge: number | undefined
  readonly active: number
  readonly inactive: number
  readonly scopeClaim: 'scope' | 'permissions'
}

export const RESOURCES = [RESOURCE, 'https://bills.example.com']
export const ISSUERS = ['https://one.example', 'https://two.example']
const AUDIENCES = [...RESOURCES, 'urn:shared']
const SCOPES = ['read', 'write', 'admin']

export function drawSetup(dice: Dice): Setup {
  const resource = dice.oneOf(RESOURCES)
  return {
    resource,
    issuer: dice.oneOf(ISSUERS),
    client: dice.oneOf(['client-1', 'client-1', 'client-2', 'function']),
    audience: dice.oneOf([[resource], [resource], ['urn:shared'], [resource, 'urn:shared'], null]),
    tolerance: dice.oneOf([0, 30]),
    maxAge: dice.oneOf([undefined, undefined, 60]),
    active: dice.oneOf([60, 60, 10, 0]),
    inactive: dice.oneOf([10, 10, 60, 0]),
    scopeClaim: dice.oneOf(['scope', 'scope', 'permissions']),
  }
}

/** What a route requires of a token. */
export interface RouteRules {
  readonly scopes: readonly string[]
  readonly maxAge: number | undefined
}

export const drawRoute = (dice: Dice): RouteRules => ({
  scopes: dice.some(SCOPES).slice(0, 2),
  maxAge: dice.oneOf([undefined, undefined, undefined, 0, 5, 30]),
})

type IntrospectionResponse = Readonly<Record<string, unknown>>

/** An issuer's response to one client about one token. Most are active, so that enough requests get through. */
export function drawResponse(dice: Dice, issuer: string, now: number, subject: string): IntrospectionResponse {
  if (dice.below(6) === 0) return { active: false }
  const rarely = (value: IntrospectionResponse): IntrospectionResponse => (dice.below(12) === 0 ? value : {})
  return {
    active: true,
    sub: subject,
    scope: dice.below(5) === 0 ? dice.some(SCOPES).join(' ') : SCOPES.join(' '),
    permissions: dice.below(5) === 0 ? dice.some(SCOPES) : SCOPES,
    aud: dice.below(5) === 0 ? dice.some(AUDIENCES) : AUDIENCES,
    iat: now - dice.oneOf([0, 0, 0, 40, 100]),
    exp: now + dice.oneOf([1, 15, 45, 600, 600, 600]),
    ...rarely({ iss: dice.oneOf(ISSUERS) }),
    ...(dice.below(2) === 0 ? { iss: issuer } : {}),
    ...rarely({ nbf: now + 20 }),
    ...rarely({ token_type: dice.oneOf(['Bearer', 'bearer', 'refresh_token']) }),
    ...rarely({ cnf: { jkt: 'x' } }),
  }
}

/** The expected status of a route for this response, and the subject if it is 200. */
export function expectedOutcome(response: IntrospectionResponse, setup: Setup, route: RouteRules, now: number): string {
  if (response.active !== true) return '401'
  const { iss, aud, exp, nbf, iat } = response as {
    iss?: string
    aud: string[]
    exp: number
    nbf?: number
    iat: number
  }
  const good = [
    iss === undefined || iss === setup.issuer,
    setup.audience === null || setup.audience.some((name) => aud.includes(name)),
    now < exp + setup.tolerance,
    nbf === undefined || now >= nbf - setup.tolerance,
    now >= iat - setup.tolerance,
    setup.maxAge === undefined || now <= iat + setup.maxAge + setup.tolerance,
    !('token_type' in response) || String(response.token_type).toLowerCase() === 'bearer',
    !('cnf' in response),
  ]
  if (good.includes(false)) return '401'
  const granted = setup.scopeClaim === 'scope' ? String(response.scope).split(' ') : (response.permissions as string[])
  return route.scopes.every((scope) => granted.includes(scope)) ? `200 ${String(response.sub)}` : '403'
}

/** True if two servers may share responses: same resource, issuer and client. */
export const sharesResponses = (one: Setup, other: Setup): boolean =>
  one.resource === other.resource && one.issuer === other.issuer && one.client === other.client

/** True if a response of this age is recent enough for a route. */
export const isYoungEnough = (response: IntrospectionResponse, age: number, setup: Setup, route: RouteRules): boolean =>
  age <= Math.min(response.active === true ? setup.active : setup.inactive, route.maxAge ?? Number.POSITIVE_INFINITY)
