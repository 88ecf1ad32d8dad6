import type { WireResponse } from '../client/wire.ts'
import type { Detail } from '../flow.ts'
import { type Challenge, challengesIn } from './challenge.ts'
import { inWords } from './reasons.ts'

const STATUS: Readonly<Record<number, string>> = {
  200: 'The token is accepted.',
  201: 'The token is accepted, and the order was placed.',
  400: 'The request itself is wrong. Another token would not help (RFC 6750 §3.1).',
  401: 'There is no valid token. A new or different one may help (RFC 6750 §3.1, RFC 9110 §15.5.2).',
  403: 'The token is valid, but does not permit this. A token with more scope would (RFC 6750 §3.1).',
  503: 'The API cannot decide now, and does not blame the token for that (RFC 9110 §15.6.4).',
}

const PARAMETERS: Readonly<Record<string, string>> = {
  realm: 'the protected area (RFC 9110 §11.5)',
  error: 'what is wrong, for programs (RFC 6750 §3.1, RFC 9449 §7.1)',
  error_description: 'the same for client developers; a fixed sentence, never text from the token (RFC 6750 §3)',
  scope: 'the scopes this route requires (RFC 6750 §3)',
  resource_metadata: 'the metadata: which issuer this API trusts, and its scopes (RFC 9728 §5.1)',
  algs: 'the accepted proof algorithms (RFC 9449 §7.1)',
  acr_values: 'how the user must sign in (RFC 9470 §3)',
  max_age: 'how recently, in seconds (RFC 9470 §3)',
}

/**
 * Explains a response of the API.
 *
 * @param known what the sender of the request knows about it, and the API does not say
 */
export function explain(
  { status, headers, response }: WireResponse,
  known?: string,
): { readonly text: string; readonly details: Detail[] } {
  const reason = reasonIn(response.body)
  const why = known ?? (reason === undefined ? undefined : inWords(reason))
  const challenges = challengesIn(headers['www-authenticate']?.join(', ') ?? '')
  const faulted = challenges.find(({ parameters }) => parameters.error !== undefined)
  const general = faulted?.parameters.error === 'invalid_dpop_proof' ? PROOF_REFUSED : (STATUS[status] ?? '')
  const meaning = why === undefined || status < 400 ? '' : general
  const details: Detail[] = [{ name: 'status', value: response.start.replace(/^\S+ /, ''), meaning }]
  for (const { scheme, parameters } of challenges) {
    details.push({ name: 'WWW-Authenticate', value: scheme, meaning: roleOf(scheme, parameters.error, faulted) })
    for (const [name, value] of Object.entries(parameters)) {
      details.push({ name, value, meaning: PARAMETERS[name] ?? '' })
    }
  }
  const [seconds] = headers['retry-after'] ?? []
  if (seconds !== undefined) {
    details.push({
      name: 'Retry-After',
      value: seconds,
      meaning: 'seconds until a retry makes sense (RFC 9110 §10.2.3)',
    })
  }
  if (reason !== undefined)
    details.push({
      name: 'reason',
      value: reason,
      meaning: 'the fine-grained reason, an extension of this API in the body',
    })
  return { text: why ?? general, details }
}

const PROOF_REFUSED =
  'The proof is not valid, so the token is refused. The same token with a valid proof would be accepted (RFC 9449 §7.1).'

/** Explains a challenge: what was wrong, or how else to authenticate. */
function roleOf(scheme: string, error: string | undefined, faulted: Challenge | undefined): string {
  const how = `The challenge: authenticate with a ${scheme} token`
  if (error !== undefined) return `${how}. It is for the scheme of the request and says what was wrong`
  return faulted === undefined
    ? `${how}. It has no error, because there was no token (RFC 6750 §3.1)`
    : `${how}, as an alternative. The error is in the ${faulted.scheme} challenge, the scheme of the request (RFC 9449 §7.1)`
}

export function reasonIn(body: string): string | undefined {
  try {
    const { reason } = Object(JSON.parse(body)) as { reason?: unknown }
    return typeof reason === 'string' ? reason : undefined
  } catch {
    return undefined // a handler may respond with anything
  }
}
