import { DESCRIPTIONS, KINDS, type Kind, type Reason, type WireError } from '../src/errors/reasons.ts'
import { type Challenge, parseChallenges } from '../src/http/parse-challenges.ts'
import { type AnyResponse, fieldOf, statusOf } from './any-response.ts'
import { type Compared, compare, fail } from './assertion.ts'

/** What a refusal has to look like. What is not named here is not looked at, with the exception of `error`. */
export interface ExpectedChallenge {
  /** The `error` code; without one, the challenge must not have any, as for a request without a token (RFC 6750 §3.1). */
  readonly error?: WireError
  /** Default: what goes with `error`. */
  readonly status?: number
  /** Default: `DPoP` for the errors only that scheme has, otherwise `Bearer`. */
  readonly scheme?: 'Bearer' | 'DPoP'
  /** The scopes it asks for, in any order: a list, or a text with spaces between them. */
  readonly scope?: string | readonly string[]
  /** The fine-grained reason, told by the sentence in the challenge; there is none with `detail: 'minimal'`. */
  readonly reason?: Exclude<Reason, 'no_credentials'>
  /** Any further parameters, such as `resource_metadata`, `max_age` or `algs`. */
  readonly parameters?: Readonly<Record<string, string>>
}

const statusFor = (error: WireError | undefined): number =>
  Object.values<Kind>(KINDS).find((kind) => error !== undefined && kind.error === error)?.status ?? 401

const OF_DPOP: readonly unknown[] = ['invalid_dpop_proof', 'use_dpop_nonce']

/**
 * Fails unless a response refuses its request with this challenge.
 *
 * Not looked at: the body, which the challenge repeats.
 *
 * @returns the challenge, for a closer look
 * @throws {AssertionError} with the difference, for vitest, jest and node:test alike
 * @see RFC 6750 §3; RFC 9449 §7.1; RFC 9470 §3
 */
export function expectChallenge(response: AnyResponse, expected: ExpectedChallenge = {}): Challenge {
  const { error, scheme = OF_DPOP.includes(error) ? 'DPoP' : 'Bearer', status } = expected
  const field = fieldOf(response, 'www-authenticate')
  const challenge = ofScheme(field, scheme)
  const parameters = challenge?.parameters
  const rows: Compared[] = [
    ['status', statusOf(response), status ?? statusFor(error)],
    ['scheme', challenge?.scheme, scheme],
    ['error', parameters?.error, error],
  ]
  if (expected.scope !== undefined) rows.push(['scope', sorted(parameters?.scope), sorted(expected.scope)])
  if (expected.reason !== undefined) {
    rows.push(['error_description', parameters?.error_description, DESCRIPTIONS[expected.reason]])
  }
  for (const [name, value] of Object.entries(expected.parameters ?? {})) rows.push([name, parameters?.[name], value])
  const hint = `WWW-Authenticate: ${field ?? 'none'}`
  compare('The response does not carry the expected challenge', rows, hint, expectChallenge)
  return challenge as Challenge // without one, the scheme differs
}

/**
 * Fails unless a response says that the request could not be decided: 503 with `Retry-After` and without a challenge,
 * which would make clients throw good tokens away.
 *
 * @returns the seconds of `Retry-After`
 * @throws {AssertionError} with the difference
 */
export function expectUnavailable(response: AnyResponse): number {
  const retryAfter = fieldOf(response, 'retry-after')
  compare(
    'The response does not say that the request could not be decided',
    [
      ['status', statusOf(response), 503],
      ['WWW-Authenticate', fieldOf(response, 'www-authenticate'), undefined],
      ['Retry-After', /^\d+$/.test(retryAfter ?? '') ? 'seconds' : retryAfter, 'seconds'],
    ],
    '',
    expectUnavailable,
  )
  return Number(retryAfter)
}

function ofScheme(field: string | undefined, scheme: string): Challenge | undefined {
  if (field === undefined) return undefined
  try {
    return parseChallenges(field).find((one) => one.scheme.toLowerCase() === scheme.toLowerCase())
  } catch (thrown) {
    return fail(`The WWW-Authenticate field is malformed: ${(thrown as SyntaxError).message}`, field, expectChallenge)
  }
}

const sorted = (scope: string | readonly string[] | undefined): string | undefined =>
  scope === undefined ? undefined : (typeof scope === 'string' ? scope.split(' ') : [...scope]).sort().join(' ')
