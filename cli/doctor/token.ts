import { BearwardError, type Reason, type ResourceServer } from 'bearward'
import { inspectToken } from '../../src/inspect/index.ts'
import { visibleValue } from '../visible.ts'
import type { ApiWord } from './api.ts'
import { boundTo, evaluateBound, evaluateUnbound } from './bound-token.ts'
import { type Finding, ok, problem } from './finding.ts'

export interface TokenQuestion {
  readonly token: string
  readonly issuer: string
  readonly resource: string
  readonly scopes: readonly string[]
  /** What the API says of itself, where it was asked. */
  readonly word: ApiWord | undefined
}

/** Presents a token to the server, as a request would. */
export async function tryToken(server: ResourceServer, question: TokenQuestion): Promise<readonly Finding[]> {
  const { token, scopes, issuer, resource, word } = question
  try {
    const { format, scopes: granted, subject } = await server.verify(token)
    const missing = scopes.filter((scope) => !granted.includes(scope))
    const whose = subject === undefined ? '' : `, of ${visibleValue(subject)}`
    const unbound = evaluateUnbound(word)
    if (missing.length === 0) {
      return [ok('token', `the ${format === 'jwt' ? 'JWT' : 'opaque token'} is good${whose}`), ...unbound]
    }
    const message = `the token grants ${granted.join(' ') || 'no scope'}, and lacks ${missing.join(' ')}`
    const fix = 'have the client ask for the scope, and the user or the policy grant it'
    return [problem('token', message, fix), ...unbound]
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) throw thrown
    const { claims, kind, refusal } = await inspectToken(token, { issuer, resource, now: Date.now() / 1000 })
    if (thrown.reason === 'confirmation') {
      const bound = await boundTo(server, token)
      if (bound) return evaluateBound(bound, word)
      // A binding that can be proven, and not in one way alone.
      if (kind !== 'opaque' && refusal === undefined) return evaluateBound('both', word)
    }
    const message = `the token is refused: ${thrown.description} (${thrown.reason})${detail(thrown.reason, claims, question)}`
    return [problem('token', message, FIXES[thrown.reason] ?? OTHERWISE)]
  }
}

type Claims = Readonly<Record<string, unknown>> | undefined

function detail(reason: Reason, claims: Claims, { issuer, resource }: TokenQuestion): string {
  if (reason === 'audience') return claims ? `: it is for ${visibleValue(claims.aud)}, and not for ${resource}` : ''
  if (reason === 'issuer') return claims ? `: it is of ${visibleValue(claims.iss)}, and not of ${issuer}` : ''
  return ''
}

const OTHERWISE = 'see bearward inspect for what is in it'

const FIXES: Readonly<Partial<Record<Reason, string>>> = {
  audience: 'have clients ask for a token for this resource (RFC 8707), or name its audience in the option audience',
  issuer: 'use the issuer exactly as tokens name it',
  expired: 'get a new one',
  not_yet_valid: 'compare the clocks',
  unknown_key: 'have its key published, or look for another environment that it comes from',
  signature: 'look for another environment that it comes from',
  inactive: 'get a new one; it has expired or was revoked',
  malformed: 'if it is an opaque token, give --client-id and --client-secret-env',
  token_type: 'have the client send its access token, not its ID token',
}
