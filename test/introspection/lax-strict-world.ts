import { RESOURCE } from '../support/issuer/issuer.ts'

// A world of issuers that change their minds, and a judge who knows nothing of caches. The judge is written from the
// standards alone, in other words than the library: what both agree on is likely to be right.

/** The same run each time: a generator of Lehmer, modulus 2^31 - 1. */
export interface Dice {
  below(limit: number): number
  oneOf<T>(values: readonly T[]): T
  some<T>(values: readonly T[]): T[]
}

export function createDice(seed: number): Dice {
  let state = seed
  const below = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % limit
  }
  return {
    below,
    oneOf: (values) => values[below(values.length)] as (typeof values)[number],
    some: (values) => values.filter(() => below(2) === 0),
  }
}

/** How a server is set up, as far as a verdict could be wrong for it. */
export interface Setup {
  readonly resource: string
  readonly issuer: string
  /** As whom it asks; `function` stands for a verify function. */
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

/** What a route wants of a token. */
export interface RouteRules {
  readonly scopes: readonly string[]
  readonly maxAge: number | undefined
}

export const drawRoute = (dice: Dice): RouteRules => ({
  scopes: dice.some(SCOPES).slice(0, 2),
  maxAge: dice.oneOf([undefined, undefined, undefined, 0, 5, 30]),
})

type Answer = Readonly<Record<string, unknown>>

/** What an issuer says to one client about one token, at one time. Most of it is good, so that much gets through. */
export function drawAnswer(dice: Dice, issuer: string, now: number, subject: string): Answer {
  if (dice.below(6) === 0) return { active: false }
  const rarely = (value: Answer): Answer => (dice.below(12) === 0 ? value : {})
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

/** What a route answers to a token about which this was said, and whom it takes the caller for. */
export function judge(answer: Answer, setup: Setup, route: RouteRules, now: number): string {
  if (answer.active !== true) return '401'
  const { iss, aud, exp, nbf, iat } = answer as { iss?: string; aud: string[]; exp: number; nbf?: number; iat: number }
  const good = [
    iss === undefined || iss === setup.issuer,
    setup.audience === null || setup.audience.some((name) => aud.includes(name)),
    now < exp + setup.tolerance,
    nbf === undefined || now >= nbf - setup.tolerance,
    now >= iat - setup.tolerance,
    setup.maxAge === undefined || now <= iat + setup.maxAge + setup.tolerance,
    !('token_type' in answer) || String(answer.token_type).toLowerCase() === 'bearer',
    !('cnf' in answer),
  ]
  if (good.includes(false)) return '401'
  const granted = setup.scopeClaim === 'scope' ? String(answer.scope).split(' ') : (answer.permissions as string[])
  return route.scopes.every((scope) => granted.includes(scope)) ? `200 ${String(answer.sub)}` : '403'
}

/** True where one server may use what was said to the other: it would have asked the same issuer in the same name. */
export const asksAlike = (one: Setup, other: Setup): boolean =>
  one.resource === other.resource && one.issuer === other.issuer && one.client === other.client

/** True where a verdict of this age is young enough for a route. */
export const isYoungEnough = (answer: Answer, age: number, setup: Setup, route: RouteRules): boolean =>
  age <= Math.min(answer.active === true ? setup.active : setup.inactive, route.maxAge ?? Number.POSITIVE_INFINITY)
