import { BearwardError, type Reason, type ResourceServer } from 'bearward'
import type { ApiReport } from './api.ts'
import { type Finding, ok, problem } from './finding.ts'
import { offers } from './sender-constraint.ts'

/** What a token is bound to. */
export type BoundTo = 'key' | 'certificate' | 'both'

/**
 * The binding of a token that `verify` refuses as sender-constrained; `undefined` if no binding is supported.
 *
 * A request with the token and no proof is refused only for the missing proof if the token is otherwise valid. The
 * request goes to the doctor's own server, not to an API.
 */
export async function boundTo(server: ResourceServer, token: string): Promise<'key' | 'certificate' | undefined> {
  const authorization = [`DPoP ${token}`]
  const request = { native: {}, method: 'GET', target: '/', authorization, contentType: undefined }
  const reason = await reasonOf(() => server.authenticate(request))
  if (reason === 'proof_missing') return 'key'
  return reason === 'unbound' ? 'certificate' : undefined
}

async function reasonOf(step: () => unknown): Promise<Reason | undefined> {
  try {
    await step()
    return undefined
  } catch (thrown) {
    if (thrown instanceof BearwardError) return thrown.reason
    throw thrown
  }
}

const PROOFS = {
  key: 'to a key (cnf.jkt): each request requires Authorization: DPoP and a proof with that key (RFC 9449 §7.1)',
  certificate: 'to a certificate (cnf.x5t#S256): each connection requires that TLS client certificate (RFC 8705 §3)',
  both: 'to a key and a certificate (cnf): each request requires Authorization: DPoP with a proof, over TLS with that client certificate',
} as const

const REFUSED = {
  key: ['the challenge of the API offers no DPoP', "set dpop to 'accept'"],
  certificate: ['the metadata of the API does not declare certificate-bound tokens', "set mtls to 'accept'"],
} as const

/** @param api `undefined` without `--api` */
export function evaluateBound(bound: BoundTo, api: ApiReport | undefined): readonly Finding[] {
  const found = ok('token', `the token is valid and bound ${PROOFS[bound]}; it was not sent to the API`)
  const needed = bound === 'both' ? (['key', 'certificate'] as const) : [bound]
  const lacking = needed.filter((one) => api && !takes(one, api)).map((one) => REFUSED[one])
  return [found, ...lacking.map(([why, fix]) => problem('token', `the token is bound, but ${why}`, fix))]
}

/** For a token without a binding. */
export function evaluateUnbound(api: ApiReport | undefined): readonly Finding[] {
  if (!api || api.challenges.length === 0 || offers(api.challenges, 'Bearer')) return []
  const fix = 'send a DPoP proof with the token request (RFC 9449 §5)'
  return [problem('token', 'the token is not bound, but the API accepts only bound tokens', fix)]
}

/** True also if the API sent no challenge or no metadata: that is reported elsewhere. */
function takes(bound: 'key' | 'certificate', { challenges, metadata }: ApiReport): boolean {
  if (bound === 'key') return challenges.length === 0 || offers(challenges, 'DPoP')
  return metadata === undefined || metadata.tls_client_certificate_bound_access_tokens === true
}
