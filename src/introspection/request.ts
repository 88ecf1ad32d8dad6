import type { DeadlineTimer } from '../util/deadline-timer.ts'
import type { IntrospectionResult } from './response.ts'

/**
 * Sends one introspection request to an issuer, or calls the application's function once.
 *
 * @throws {UpstreamError} if there is no complete response within the deadline
 */
export type Introspect = (token: string, time: DeadlineTimer) => Promise<IntrospectionResult>
