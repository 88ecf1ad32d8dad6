import { Unavailable } from '../errors/errors.ts'
import type { Watch } from '../upstream/client.ts'
import { withDeadline } from '../upstream/deadline.ts'
import type { Fetch } from '../upstream/fetch.ts'
import { withoutDetails } from '../upstream/redact-error.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { IntrospectToken } from './options.ts'
import type { Introspect } from './request.ts'
import { readResponse } from './response.ts'

export interface CustomIntrospectorContext {
  readonly issuer: string
  readonly fetch: Fetch
  readonly watch: Watch
  readonly closing: Closing
}

/** Questions to a function of the application, held to what an introspection endpoint is held to. */
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
    if (thrown instanceof UpstreamError) throw thrown
    const retryAfter = thrown instanceof Unavailable ? thrown.retryAfter : undefined
    // Errors of HTTP libraries hold the whole request.
    const cause = withoutDetails(thrown, token)
    throw new UpstreamError('network', 'the verify function of the options failed', { cause, retryAfter })
  }
}

/** As it would have come over the wire: a copy that the application cannot change later, and that a store can hold. */
function plain(response: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(response)) as unknown
  } catch {
    throw new UpstreamError('shape', 'what the verify function returned is no JSON')
  }
}
