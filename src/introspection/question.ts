import type { Countdown } from '../platform/countdown.ts'
import type { Answer } from './answer.ts'

/**
 * Asks once what a token is worth, at an issuer or at a function of the application.
 *
 * @throws {UpstreamFault} where no complete answer came in time
 */
export type Question = (token: string, time: Countdown) => Promise<Answer>
