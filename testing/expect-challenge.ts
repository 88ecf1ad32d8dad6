import { ALL_KINDS, descriptionOf, sentencesFor } from '../src/errors/all-reasons.ts'
import type { WireError } from '../src/errors/kind.ts'
import type { Reason, RefusedClaim } from '../src/errors/reasons.ts'
import { type Challenge, parseChallenges } from '../src/http/parse-challenges.ts'
import { type AnyResponse, headerOf, statusOf } from './any-response.ts'
import { type Compared, compare, fail, requireKnown } from './assertion.ts'

/** The expected challenge. Members that are absent are not checked, except `error`. */
export interface ExpectedChallenge {
  /** The `error` code. If absent, the challenge must have none, as for a request without a token (RFC 6750 §3.1). */
  readonly error?: WireError
  /** Default: the status of `error`. */
  readonly status?: number
  /** Default: `DPoP` for errors specific to DPoP, otherwise `Bearer`. */
  readonly scheme?: 'Bearer' | 'DPoP'
  /** The required scopes, in any order: a list or a space-separated string. */
  readonly scope?: string | readonly string[]
  /** The fine-grained reason, identified by `error_description`. Absent with `detail: 'minimal'`. */
  readonly reason?: Exclude<Reason, 'no_credentials'>
  /** With `reason`: the claim that caused the refusal, where the description names it. */
  readonly claim?: RefusedClaim
  /** Other parameters, such as `resource_metadata`, `max_age` or `algs`. */
  readonly parameters?: Readonly<Record<string, string>>
}

const statusFor = (error: WireError | undefined): number =>
  ALL_KINDS.find((kind) => error !== undefined && kind.error === error)?.status ?? 401

const MEMBERS: readonly (keyof ExpectedChallenge)[] = [
  'error',
  'status',
  'scheme',
  'scope',
  'reason',
  'claim',
  'parameters',
]

const OF_DPOP: readonly unknown[] = ['invalid_dpop_proof', 'use_dpop_nonce']

/**
 * Fails unless a response refuses the request with this challenge.
 *
 * Not checked: the body, which repeats the challenge.
 *
 * @returns the challenge, for further checks
 * @throws {AssertionError} with the difference, for vitest, jest and node:test alike
 * @see RFC 6750 §3; RFC 9449 §7.1; RFC 9470 §3
 */
export function expectChallenge(response: AnyResponse, expected: ExpectedChallenge = {}): Challenge {
  requireKnown('expectChallenge', expected, MEMBERS)
  if (expected.claim && !expected.reason) throw new TypeError('expectChallenge() compares claim only with reason')
  const { error, scheme = OF_DPOP.includes(error) ? 'DPoP' : 'Bearer', status } = expected
  const header = headerOf(response, 'www-authenticate')
  const challenge = ofScheme(header, scheme)
  const parameters = challenge?.parameters
  const rows: Compared[] = [
    ['status', statusOf(response), status ?? statusFor(error)],
    ['scheme', challenge?.scheme, scheme],
    ['error', parameters?.error, error],
  ]
  if (expected.scope !== undefined) rows.push(['scope', sorted(parameters?.scope), sorted(expected.scope)])
  if (expected.reason !== undefined) {
    rows.push(['error_description', parameters?.error_description, expectedDescription(expected, parameters)])
  }
  for (const [name, value] of Object.entries(expected.parameters ?? {})) rows.push([name, parameters?.[name], value])
  const hint = `WWW-Authenticate: ${header ?? 'none'}`
  compare('The response does not carry the expected challenge', rows, hint, expectChallenge)
  return challenge as Challenge // without one, the scheme row has already failed
}

/** Without `claim`, any sentence of the reason. */
function expectedDescription(
  { reason, claim }: ExpectedChallenge,
  parameters: Challenge['parameters'] | undefined,
): string {
  const actual = parameters?.error_description
  const isAny = actual !== undefined && claim === undefined && sentencesFor(reason as Reason).includes(actual)
  return isAny ? actual : descriptionOf(reason as Reason, claim)
}

/**
 * Fails unless a response reports an outage: 503 with `Retry-After` and no challenge. A challenge would make clients
 * discard valid tokens.
 *
 * @returns `Retry-After`, in seconds
 * @throws {AssertionError} with the difference
 */
export function expectUnavailable(response: AnyResponse): number {
  const retryAfter = headerOf(response, 'retry-after')
  compare(
    'The response does not report an outage',
    [
      ['status', statusOf(response), 503],
      ['WWW-Authenticate', headerOf(response, 'www-authenticate'), undefined],
      ['Retry-After', /^\d+$/.test(retryAfter ?? '') ? 'seconds' : retryAfter, 'seconds'],
    ],
    '',
    expectUnavailable,
  )
  return Number(retryAfter)
}

function ofScheme(header: string | undefined, scheme: string): Challenge | undefined {
  if (header === undefined) return undefined
  try {
    return parseChallenges(header).find((one) => one.scheme.toLowerCase() === scheme.toLowerCase())
  } catch (thrown) {
    return fail(`The WWW-Authenticate header is malformed: ${(thrown as SyntaxError).message}`, header, expectChallenge)
  }
}

const sorted = (scope: string | readonly string[] | undefined): string | undefined =>
  scope === undefined ? undefined : (typeof scope === 'string' ? scope.split(' ') : [...scope]).sort().join(' ')
