import type { WireAnswer } from '../client/wire.ts'
import type { Fact } from '../flow.ts'
import { type Challenge, challengesIn } from './challenge.ts'
import { inWords } from './reasons.ts'

const STATUS: Readonly<Record<number, string>> = {
  200: 'The token opened this route.',
  201: 'The token opened this route, and the order was taken.',
  400: 'The request itself is wrong. No other token would help (RFC 6750 §3.1).',
  401: 'There is no token that counts. A new or different one may help (RFC 6750 §3.1, RFC 9110 §15.5.2).',
  403: 'The token is good, but it does not permit this. A token with more scope would (RFC 6750 §3.1).',
  503: 'The API cannot decide now, and says so instead of blaming the token (RFC 9110 §15.6.4).',
}

const PARAMETERS: Readonly<Record<string, string>> = {
  realm: 'which door this is (RFC 9110 §11.5)',
  error: 'what is wrong, for programs (RFC 6750 §3.1, RFC 9449 §7.1)',
  error_description:
    'the same for people who write clients; a fixed sentence, never words from the token (RFC 6750 §3)',
  scope: 'what a token needs for this route (RFC 6750 §3)',
  resource_metadata: 'where a client can read whom this API trusts, and which scopes it knows (RFC 9728 §5.1)',
  algs: 'how a proof may be signed (RFC 9449 §7.1)',
  acr_values: 'how the person has to sign in (RFC 9470 §3)',
  max_age: 'how recently, in seconds (RFC 9470 §3)',
}

/**
 * An answer of the API in words.
 *
 * @param flaw what the request lacked to use a bound token. The API says no more than that (`confirmation`); who has made
 *   the request knows
 */
export function explain(
  { status, headers, answer }: WireAnswer,
  flaw?: string,
): { readonly text: string; readonly facts: Fact[] } {
  const reason = reasonIn(answer.body)
  const known = reason === 'confirmation' ? flaw : undefined
  const why = known ?? (reason === undefined ? undefined : inWords(reason))
  const challenges = challengesIn(headers['www-authenticate']?.join(', ') ?? '')
  const faulted = challenges.find(({ parameters }) => parameters.error !== undefined)
  const general = faulted?.parameters.error === 'invalid_dpop_proof' ? PROOF_REFUSED : (STATUS[status] ?? '')
  const meaning = why === undefined ? '' : general
  const facts: Fact[] = [{ name: 'status', value: answer.start.replace(/^\S+ /, ''), meaning }]
  for (const { scheme, parameters } of challenges) {
    facts.push({ name: 'WWW-Authenticate', value: scheme, meaning: roleOf(scheme, parameters.error, faulted) })
    for (const [name, value] of Object.entries(parameters)) {
      facts.push({ name, value, meaning: PARAMETERS[name] ?? '' })
    }
  }
  const [seconds] = headers['retry-after'] ?? []
  if (seconds !== undefined) {
    facts.push({
      name: 'Retry-After',
      value: seconds,
      meaning: 'seconds until another try makes sense (RFC 9110 §10.2.3)',
    })
  }
  if (reason !== undefined)
    facts.push({ name: 'reason', value: reason, meaning: 'the same, more finely; an extra of this API, in the body' })
  return { text: why ?? general, facts }
}

const PROOF_REFUSED =
  'The proof does not count, so the token does not either. The same token with a good proof would (RFC 9449 §7.1).'

/** What a challenge is there for: to say what was wrong, or how else one may come. */
function roleOf(scheme: string, error: string | undefined, faulted: Challenge | undefined): string {
  const how = `The challenge: how to authenticate here is with a ${scheme} token`
  if (error !== undefined) return `${how}. It stands for the scheme that was used, and says what was wrong`
  return faulted === undefined
    ? `${how}. It has no error, because no token was there to be wrong (RFC 6750 §3.1)`
    : `${how}, as well. What was wrong stands with ${faulted.scheme}, the scheme that was used (RFC 9449 §7.1)`
}

function reasonIn(body: string): string | undefined {
  try {
    const { reason } = Object(JSON.parse(body)) as { reason?: unknown }
    return typeof reason === 'string' ? reason : undefined
  } catch {
    return undefined // a handler may answer with anything
  }
}
