import type { Reason, WireError } from 'bearward'
import type { ApiResponse } from './send.ts'

/** The expected response of a row. */
export interface Expected {
  readonly status: number
  /** The `error` code in the challenge and the body; none if absent. */
  readonly error?: WireError
  /** The fine-grained `reason`; none if absent. */
  readonly reason?: Reason
}

/** The differences between a response and the expected one, in words. */
export function deviations(expected: Expected, response: ApiResponse): readonly string[] {
  // RFC 6750 §3: a refusal has a challenge. RFC 9110 §15.6.4: an outage has none, because the caller cannot fix it.
  const challenged = expected.status >= 400 && expected.status < 500
  return [
    differs('status', expected.status, response.status),
    differs('challenges', challenged ? 1 : 0, response.challenges.length),
    challenged && differs('error in the challenge', expected.error, errorIn(response.challenges.join(', '))),
    differs('error in the body', expected.error, response.error),
    differs('reason', expected.reason, response.reason),
    expected.status === 503 && !/^[1-9]\d*$/.test(response.retryAfter ?? '') && 'no Retry-After in seconds',
  ].filter((deviation) => typeof deviation === 'string')
}

function differs(what: string, expected: string | number | undefined, actual: string | number | undefined) {
  return expected !== actual && `${what}: ${actual ?? 'none'} instead of ${expected ?? 'none'}`
}

const errorIn = (challenge: string): string | undefined => /(?:^Bearer |, )error="([^"]*)"/.exec(challenge)?.[1]
