import { BearwardError, type IssuerOptions, type Reason, type ResourceServer } from 'bearward'
import { inspectToken } from '../../src/inspect/index.ts'
import { visible, visibleValue } from '../visible.ts'
import type { ApiReport } from './api.ts'
import { boundTo, evaluateBound, evaluateUnbound } from './bound-token.ts'
import { type Finding, note, ok, problem } from './finding.ts'

export interface TokenTarget {
  readonly token: string
  /** The issuers of the configuration. */
  readonly issuers: readonly IssuerOptions[]
  readonly resource: string
  readonly scopes: readonly string[]
  /** `undefined` without `--api`. */
  readonly api: ApiReport | undefined
}

/** Verifies a token as the server would. */
export async function tryToken(server: ResourceServer, target: TokenTarget): Promise<readonly Finding[]> {
  const { token, scopes, api } = target
  try {
    const accessToken = await server.verify(token)
    const { format, scopes: granted, subject } = accessToken
    const missing = scopes.filter((scope) => !accessToken.hasScope(scope))
    const whose = subject === undefined ? '' : `, of ${visibleValue(subject)}`
    const unbound = evaluateUnbound(api)
    if (missing.length === 0) {
      return [ok('token', `the ${format === 'jwt' ? 'JWT' : 'opaque token'} is valid${whose}`), ...unbound]
    }
    const message = `the token grants ${granted.join(' ') || 'no scope'}, and lacks ${missing.join(' ')}`
    const fix = 'request the scope in the client; the user or the policy must grant it'
    return [problem('token', message, fix), ...unbound]
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) return [applicationError(thrown)]
    // What is wrong with the keys has been found.
    if (thrown.reason === 'keys_unavailable') return [note('token', `not checked: the keys cannot be loaded`)]
    const { claims, kind, refusal } = await inspectToken(token, { now: Date.now() / 1000 })
    if (thrown.reason === 'confirmation') {
      const bound = await boundTo(server, token)
      if (bound) return evaluateBound(bound, api)
      // The token is valid, and one proof alone is not enough.
      if (kind !== 'opaque' && refusal === undefined) return evaluateBound('both', api)
    }
    const message = `the token is refused: ${thrown.description} (${thrown.reason})${detail(thrown.reason, claims, target)}`
    return [problem('token', message, fixFor(thrown, claims !== undefined))]
  }
}

/** Of a clock or a schema of the options. Only our own messages are known to contain no token. */
function applicationError(thrown: unknown): Finding {
  const message = thrown instanceof Error && thrown.message.startsWith('bearward: ') ? thrown.message.slice(10) : THROWS
  return problem('token', `the server would respond with 500: ${visible(message)}`, 'correct the options')
}

const THROWS = 'a function of the options throws'

type Claims = Readonly<Record<string, unknown>> | undefined

function detail(reason: Reason, claims: Claims, { issuers, resource }: TokenTarget): string {
  if (!claims) return ''
  if (reason === 'issuer') {
    const expected = issuers.map(({ issuer }) => issuer).join(' or ')
    return `: iss is ${visibleValue(claims.iss)} instead of ${expected}`
  }
  const { audience, clients } = issuers.find(({ issuer }) => issuer === claims.iss) ?? {}
  if (reason === 'audience')
    return `: aud is ${visibleValue(claims.aud)} instead of ${[audience ?? resource].flat().join(' or ')}`
  if (reason === 'client')
    return `: the client is ${visibleValue(claims.client_id ?? claims.azp)} instead of ${clients?.join(' or ')}`
  return ''
}

const OTHERWISE = 'see why with bearward inspect'

/** @param isJwt false if it may be an opaque token */
function fixFor({ reason, option }: BearwardError, isJwt: boolean): string {
  if (option !== undefined) return `${OTHERWISE}, or change the option ${option}`
  return (reason === 'malformed' && isJwt ? undefined : FIXES[reason]) ?? OTHERWISE
}

const FIXES: Readonly<Partial<Record<Reason, string>>> = {
  audience: "request a token for this resource (RFC 8707), or set the option audience to the token's audience",
  issuer: "use the issuer exactly as in the tokens' iss",
  expired: 'get a new one',
  not_yet_valid: 'compare the clocks',
  unknown_key: 'publish its key, or check whether it comes from another environment',
  signature: 'check whether it comes from another environment',
  inactive: 'get a new one: it has expired or was revoked',
  malformed: 'if it is an opaque token, pass --client-id and --client-secret-env',
  token_type: 'send the access token, not the ID token',
  client: 'request a token with an accepted client, or add this one to clients',
}
