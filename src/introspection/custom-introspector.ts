import { Unavailable } from '../errors/errors.ts'
import type { Watch } from '../upstream/client.ts'
import { withDeadline } from '../upstream/deadline.ts'
import type { Fetch } from '../upstream/fetch.ts'
import { redactError } from '../upstream/redact-error.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject } from '../util/encoding.ts'
import type { IntrospectToken } from './options.ts'
import type { Introspect } from './request.ts'
import { readResponse } from './response.ts'

export interface CustomIntrospectorContext {
  readonly issuer: string
  readonly fetch: Fetch
  readonly watch: Watch
  readonly closing: Closing
}

/** Introspection by a function of the application, under the same rules as an introspection endpoint. */
export function customIntrospection(
  check: IntrospectToken,
  { issuer, fetch, watch, closing }: CustomIntrospectorContext,
): Introspect {
  return (token, time) =>
    watch('introspection', () =>
      withDeadline(time.remaining(), closing, async ({ race, signal }) => {
        const response = await race(run(() => check(token, { issuer, fetch, signal }), token))
        return readResponse(plain(response))
      }),
    )
}

async function run(check: () => unknown, token: string): Promise<unknown> {
  try {
    return await check()
  } catch (thrown) {
    const { retryAfter } = thrown instanceof Unavailable ? thrown : {}
    // Errors of HTTP libraries contain the whole request.
    const cause = redactError(thrown, [token])
    throw new UpstreamError('network', 'the introspect function of the options failed', {
      cause,
      // What an application makes of a date is NaN, with which the circuit breaker would never open again.
      retryAfter: typeof retryAfter === 'number' && retryAfter >= 0 ? retryAfter : undefined,
    })
  }
}

/** Copies the response as if it came over the wire: the application cannot change it later, and a store can hold it. */
function plain(response: unknown): unknown {
  // JSON has no such numbers and would make them null: a token without expiry.
  if (
    isObject(response) &&
    Object.values(response).some((value) => typeof value === 'number' && !Number.isFinite(value))
  )
    throw new UpstreamError('shape', 'the introspect function returned a number that is not finite')
  try {
    return JSON.parse(JSON.stringify(response)) as unknown
  } catch {
    throw new UpstreamError('shape', 'the introspect function returned a value that is not JSON')
  }
}
