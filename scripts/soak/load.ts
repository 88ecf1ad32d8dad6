import type { SigningKey } from 'bearward/testing'
import { type Api, CACHED } from './api.ts'

/** What the API must respond to a kind of request now. */
export interface Expectation {
  readonly kind: string
  readonly allowed: readonly number[]
}

/** What happens meanwhile, as far as it decides what a response may be. */
export interface World {
  /** Introspection is down, or was a moment ago. */
  introspectionDown: boolean
  /** The last attempt to load keys may have failed. */
  keysDown: boolean
  /** The IDs of the JWTs that have been revoked. */
  readonly revokedIds: Set<string>
  /** Signs the good JWTs: a key that the API has had time to load. */
  key: SigningKey
}

type Kind = (api: Api, world: World, number: number) => Promise<{ token: string; expected: readonly number[] }>

const opaqueWhile = (world: World, status: number) => (world.introspectionDown ? [status, 503] : [status])

/** The issuer of the test kit and the list of revocations keep what they were told: a bounded number. */
const DISTINCT = 2000

/** Every kind of request. Good ones outnumber the others, as in production. */
const KINDS: Readonly<Record<string, Kind>> = {
  'good JWT': async ({ issuer }, { key }, number) => ({
    token: await issuer.jwt({ sub: `user-${number}` }, {}, key),
    expected: [200],
  }),
  'good JWT, again': async (_, world) => ({ token: await repeated(world.key), expected: [200] }),
  'good opaque token': async ({ issuer }, world, number) => ({
    token: issuer.opaque({ sub: `user-${number}` }, `opaque-${number % DISTINCT}`),
    expected: opaqueWhile(world, 200),
  }),
  'expired JWT': async ({ issuer }) => ({ token: await issuer.bad('expired'), expected: [401] }),
  'JWT for another API': async ({ issuer }, { key }) => ({
    token: await issuer.jwt({ aud: 'https://other.test' }, {}, key),
    expected: [401],
  }),
  'JWT with a bad signature': async ({ issuer }, { key }) => ({
    token: (await issuer.jwt({}, {}, key)).replace(/.{8}$/, 'AAAAAAAA'),
    expected: [401],
  }),
  'JWT without the scope': async ({ issuer }, { key }) => ({
    token: await issuer.jwt({ scope: 'other' }, {}, key),
    expected: [403],
  }),
  'unknown opaque token': async (_, world, number) => ({
    token: `unknown-${number}`,
    expected: opaqueWhile(world, 401),
  }),
  'JWT with an unknown key': async ({ issuer }, { keysDown, key }, number) => ({
    token: await issuer.jwt({}, { kid: `unknown-${number}` }, key),
    expected: keysDown ? [401, 503] : [401],
  }),
  'revoked JWT': async ({ issuer, revoked }, { key, revokedIds }, number) => {
    const jti = `revoked-${number % DISTINCT}`
    if (!revokedIds.has(jti)) await revoked.revoke({ issuer: issuer.issuer, jti })
    revokedIds.add(jti)
    return { token: await issuer.jwt({ jti }, {}, key), expected: [401] }
  },
}
const ORDER = Object.keys(KINDS).flatMap((kind, index) => Array<string>(index < 3 ? 4 : 1).fill(kind))

let repeatedFor: { key: SigningKey; token: Promise<string> } | undefined
let sign: (key: SigningKey) => Promise<string>
function repeated(key: SigningKey): Promise<string> {
  if (repeatedFor?.key !== key) repeatedFor = { key, token: sign(key) }
  return repeatedFor.token
}

export interface Tally {
  requests: number
  disconnected: number
  /** Responses by kind and status. */
  readonly statuses: Record<string, number>
  /** Good requests that were refused, and responses that no state explains. */
  readonly wrong: string[]
  /** Bad requests that got 200. */
  readonly falseAccepts: string[]
}

/** Sends one request of the next kind. Every twentieth client disconnects before the response. */
export async function sendOne(api: Api, world: World, number: number, tally: Tally): Promise<void> {
  sign = (key) => api.issuer.jwt({ sub: 'everyone' }, {}, key)
  const kind = ORDER[number % ORDER.length] as string
  const { token, expected } = await (KINDS[kind] as Kind)(api, world, number)
  const leaves = number % 20 === 19
  const before = { ...world }
  try {
    const response = await fetch(api.url, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(leaves ? 1 : 30_000),
    })
    await response.arrayBuffer()
    record(kind, response.status, allowedIn(kind, expected, before, world), tally)
  } catch (thrown) {
    if (!leaves) throw thrown
    tally.disconnected++
  }
  tally.requests++
}

/** An outage may have begun while the request was pending. */
function allowedIn(kind: string, expected: readonly number[], before: World, after: World): readonly number[] {
  const began = before.introspectionDown !== after.introspectionDown || before.keysDown !== after.keysDown
  return began && /opaque|unknown/.test(kind) ? [...expected, 503] : expected
}

function record(kind: string, status: number, allowed: readonly number[], tally: Tally): void {
  const line = `${kind}: ${status}`
  tally.statuses[line] = (tally.statuses[line] ?? 0) + 1
  if (allowed.includes(status)) return
  if (status === 200) tally.falseAccepts.push(kind)
  else tally.wrong.push(line)
}

/** A token that is revoked at the authorization server is refused once its cached response has expired. */
export async function revokeAtIssuer(api: Api, tally: Tally): Promise<void> {
  const token = api.issuer.opaque({})
  const status = async () => {
    const response = await fetch(api.url, { headers: { authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    return response.status
  }
  await status()
  api.issuer.revoke(token)
  await new Promise((resolve) => setTimeout(resolve, CACHED * 1000 + 100))
  if ((await status()) === 200) tally.falseAccepts.push('opaque token revoked at the issuer')
}
