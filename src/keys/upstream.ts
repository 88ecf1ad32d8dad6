import type { Emitter } from '../events.ts'
import { type FetchBounds, fetchJson, type JsonAnswer } from '../http/bounded-fetch.ts'
import { UpstreamFault } from '../http/upstream-fault.ts'
import { monotonicNow } from '../platform/runtime.ts'

/** Asks an authorization server, within bounds, and tells what came of it; `deadline` in milliseconds. */
export type Upstream = (target: 'discovery' | 'keys', url: string, deadline?: number) => Promise<JsonAnswer>

export function createUpstream(issuer: string, bounds: FetchBounds, events: Emitter): Upstream {
  return async (target, url, deadline = bounds.deadline) => {
    const start = monotonicNow()
    const tell = (fault?: UpstreamFault) =>
      events.emit({
        type: 'fetch',
        target,
        issuer,
        outcome: fault ? 'failed' : 'ok',
        fault: fault?.fault,
        status: fault ? fault.status : 200,
        duration: monotonicNow() - start,
      })
    try {
      const answer = await fetchJson(url, { ...bounds, deadline })
      tell()
      return answer
    } catch (thrown) {
      const fault = named(thrown, url)
      tell(fault)
      throw fault
    }
  }
}

/** Says where it went wrong, without the query of the URL: some providers want a key there. */
function named(thrown: unknown, url: string): UpstreamFault {
  const { origin, pathname } = new URL(url)
  const { fault, message, status, retryAfter, cause } =
    thrown instanceof UpstreamFault ? thrown : new UpstreamFault('network', 'the request failed', { cause: thrown })
  return new UpstreamFault(fault, `${origin}${pathname}: ${message}`, {
    ...(cause !== undefined && { cause }),
    ...(status !== undefined && { status }),
    retryAfter,
  })
}
