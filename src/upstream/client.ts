import type { Emitter } from '../events/emitter.ts'
import type { FetchEvent } from '../events/events.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type Exchange, type FetchBounds, fetchFrom } from './fetch.ts'
import { asUpstreamError, UpstreamError } from './upstream-error.ts'

/** Sends a bounded request to an authorization server and emits its outcome; `deadline` in milliseconds. */
export type Upstream = <T>(target: FetchEvent['target'], exchange: Exchange<T>, deadline?: number) => Promise<T>

/** Runs work that calls an authorization server, and emits its outcome. */
export type Watch = <T>(target: FetchEvent['target'], work: () => Promise<T>, status?: number) => Promise<T>

export function createUpstream(bounds: FetchBounds, watch: Watch): Upstream {
  return (target, exchange, deadline = bounds.deadline) =>
    watch(
      target,
      () =>
        fetchFrom(exchange, { ...bounds, deadline }).catch((thrown) => {
          throw withLocation(thrown, exchange.url)
        }),
      200,
    )
}

export function createWatch(issuer: string, events: Emitter): Watch {
  return async (target, work, status) => {
    const start = monotonicNow()
    const emit = (error?: UpstreamError) =>
      events.emit({
        type: 'fetch',
        target,
        issuer,
        outcome: error ? 'failed' : 'ok',
        code: error?.code,
        status: error ? error.status : status,
        network: error?.network,
        mediaType: error?.mediaType,
        duration: monotonicNow() - start,
      })
    try {
      const outcome = await work()
      emit()
      return outcome
    } catch (thrown) {
      const error = asUpstreamError(thrown, FAILED)
      emit(error)
      throw error
    }
  }
}

/** Adds the URL to the message, without its query: some providers require a key there. */
function withLocation(thrown: unknown, url: string): UpstreamError {
  const { origin, pathname } = new URL(url)
  const error = asUpstreamError(thrown, FAILED)
  return new UpstreamError(error.code, `${origin}${pathname}: ${error.message}`, error)
}

const FAILED = 'the request failed'
