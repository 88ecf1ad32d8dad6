import type { Reason, WireError } from 'bearward'
import type { ApiAnswer } from './send.ts'

/** What a row of the table declares. */
export interface Expected {
  readonly status: number
  /** The `error` code, in the challenge and in the body; none where it is left out. */
  readonly error?: WireError
  /** Why, more finely; none where it is left out. */
  readonly reason?: Reason
}

/** In what an answer differs from what was expected, in words. Nothing, where it is exactly as expected. */
export function deviations(expected: Expected, answer: ApiAnswer): readonly string[] {
  // RFC 6750 §3: who is refused is told how to do better. RFC 9110 §15.6.4: an outage is not the caller's to mend.
  const challenged = expected.status >= 400 && expected.status < 500
  return [
    differs('status', expected.status, answer.status),
    differs('challenges', challenged ? 1 : 0, answer.challenges.length),
    challenged && differs('error in the challenge', expected.error, errorIn(answer.challenges.join(', '))),
    differs('error in the body', expected.error, answer.error),
    differs('reason', expected.reason, answer.reason),
    expected.status === 503 && !/^[1-9]\d*$/.test(answer.retryAfter ?? '') && 'no Retry-After in seconds',
  ].filter((deviation) => typeof deviation === 'string')
}

function differs(what: string, wanted: string | number | undefined, got: string | number | undefined) {
  return wanted !== got && `${what}: ${got ?? 'none'} instead of ${wanted ?? 'none'}`
}

const errorIn = (challenge: string): string | undefined => /(?:^Bearer |, )error="([^"]*)"/.exec(challenge)?.[1]
