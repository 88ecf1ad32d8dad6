import { BearwardError, type Reason, type ResourceServer } from 'bearward'
import type { ApiWord } from './api.ts'
import { offers } from './bindings.ts'
import { type Finding, ok, problem } from './finding.ts'

/** What a request has to prove for a token. */
export type BoundTo = 'key' | 'certificate' | 'both'

/**
 * What a token is bound to that `verify` refuses because it is bound; `undefined` where that cannot be proven by anybody.
 *
 * A request with the token and without any proof is refused for the proof alone, if all else is good. It goes to no API:
 * only to the server that the doctor itself has set up.
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
  key: 'to a key (cnf.jkt): each request needs Authorization: DPoP and a proof made with that key (RFC 9449 §7.1)',
  certificate:
    'to a certificate (cnf.x5t#S256): each connection needs TLS with that certificate of the client (RFC 8705 §3)',
  both: 'to a key and to a certificate (cnf): each request needs Authorization: DPoP with a proof, over TLS with that certificate',
} as const

const REFUSED = {
  key: ['the challenge of the API offers no DPoP', "set dpop to 'accept'"],
  certificate: ['the metadata of the API does not name tokens bound to certificates', "set mtls to 'accept'"],
} as const

/** @param api what the API says of itself, where it was asked */
export function evaluateBound(bound: BoundTo, api: ApiWord | undefined): readonly Finding[] {
  const sent = 'it was not sent to the API, as Bearer or otherwise'
  const found = ok('token', `the token is good and bound ${PROOFS[bound]}; ${sent}`)
  const needed = bound === 'both' ? (['key', 'certificate'] as const) : [bound]
  const lacking = needed.filter((one) => api && !takes(one, api)).map((one) => REFUSED[one])
  return [found, ...lacking.map(([why, fix]) => problem('token', `the token is bound, but ${why}`, fix))]
}

/** For one that is bound to nothing. */
export function evaluateUnbound(api: ApiWord | undefined): readonly Finding[] {
  if (!api || api.challenges.length === 0 || offers(api.challenges, 'Bearer')) return []
  const fix = 'have the client ask for it with a DPoP proof (RFC 9449 §5)'
  return [problem('token', 'the token is bound to nothing, but the API takes bound tokens only', fix)]
}

/** An API that said nothing is not to blame for what it did not say. */
function takes(bound: 'key' | 'certificate', { challenges, metadata }: ApiWord): boolean {
  if (bound === 'key') return challenges.length === 0 || offers(challenges, 'DPoP')
  return metadata === undefined || metadata.tls_client_certificate_bound_access_tokens === true
}
