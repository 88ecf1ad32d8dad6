import { BearwardError, type Reason, type ResourceServer } from 'bearward'
import { inspectToken } from '../../src/diagnosis/index.ts'
import { visibleValue } from '../visible.ts'
import { type Finding, ok, problem } from './finding.ts'

export interface TokenQuestion {
  readonly token: string
  readonly issuer: string
  readonly resource: string
  readonly scopes: readonly string[]
}

/** Presents a token to the server, as a request would. */
export async function tryToken(server: ResourceServer, question: TokenQuestion): Promise<Finding> {
  const { token, scopes, issuer, resource } = question
  try {
    const { format, scopes: granted, subject } = await server.verify(token)
    const missing = scopes.filter((scope) => !granted.includes(scope))
    const whose = subject === undefined ? '' : `, of ${visibleValue(subject)}`
    if (missing.length === 0) return ok('token', `the ${format === 'jwt' ? 'JWT' : 'opaque token'} is good${whose}`)
    const message = `the token grants ${granted.join(' ') || 'no scope'}, and lacks ${missing.join(' ')}`
    return problem('token', message, 'have the client ask for the scope, and the user or the policy grant it')
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) throw thrown
    if (thrown.reason === 'confirmation' && (await isWellBound(token, question))) {
      return ok('token', 'the token is good and bound: a request has to prove that, which is not tried here')
    }
    const { claims } = await inspectToken(token, { issuer, resource, now: Date.now() / 1000 })
    return problem(
      'token',
      `the token is refused: ${thrown.description} (${thrown.reason})${detail(thrown.reason, claims, question)}`,
      FIXES[thrown.reason] ?? OTHERWISE,
    )
  }
}

async function isWellBound(token: string, { issuer, resource }: TokenQuestion): Promise<boolean> {
  const { kind, refusal } = await inspectToken(token, { issuer, resource, now: Date.now() / 1000 })
  return kind !== 'opaque' && refusal === undefined
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
