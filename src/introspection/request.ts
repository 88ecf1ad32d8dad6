import type { DeadlineTimer } from '../util/deadline-timer.ts'
import type { IntrospectionResult } from './response.ts'

/**
 * Asks once what a token is worth, at an issuer or at a function of the application.
 *
 * @throws {UpstreamFault} where no complete answer came in time
 */
export type Introspect = (token: string, time: DeadlineTimer) => Promise<IntrospectionResult>
