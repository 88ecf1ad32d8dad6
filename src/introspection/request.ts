import type { Countdown } from '../util/deadline-timer.ts'
import type { Answer } from './response.ts'

/**
 * Asks once what a token is worth, at an issuer or at a function of the application.
 *
 * @throws {UpstreamFault} where no complete answer came in time
 */
export type Question = (token: string, time: Countdown) => Promise<Answer>
