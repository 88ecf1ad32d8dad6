import { Unavailable } from '../errors/errors.ts'
import type { Watch } from '../upstream/client.ts'
import { withDeadline } from '../upstream/deadline.ts'
import type { Fetch } from '../upstream/fetch.ts'
import { withoutDetails } from '../upstream/redact-error.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { UpstreamFault } from '../upstream/upstream-error.ts'
import type { VerifyToken } from './options.ts'
import type { Question } from './request.ts'
import { readAnswer } from './response.ts'

export interface OwnCheckContext {
  readonly issuer: string
  readonly fetch: Fetch
  readonly watch: Watch
  readonly closing: Closing
}

/** Questions to a function of the application, held to what an introspection endpoint is held to. */
export function ownQuestion(check: VerifyToken, { issuer, fetch, watch, closing }: OwnCheckContext): Question {
  return (token, time) =>
    watch('introspection', () =>
      withDeadline(time.remaining(), closing, async ({ race, signal }) => {
        const verdict = await race(run(() => check(token, { issuer, fetch, signal }), token))
        return readAnswer(plain(verdict))
      }),
    )
}

async function run(check: () => unknown, token: string): Promise<unknown> {
  try {
    return await check()
  } catch (thrown) {
    if (thrown instanceof UpstreamFault) throw thrown
    const retryAfter = thrown instanceof Unavailable ? thrown.retryAfter : undefined
    // Errors of HTTP libraries hold the whole request.
    const cause = withoutDetails(thrown, token)
    throw new UpstreamFault('network', 'the verify function of the options failed', { cause, retryAfter })
  }
}

/** As it would have come over the wire: a copy that the application cannot change later, and that a store can hold. */
function plain(verdict: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(verdict)) as unknown
  } catch {
    throw new UpstreamFault('shape', 'what the verify function returned is no JSON')
  }
}
