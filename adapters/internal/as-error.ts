import { BearwardError } from 'bearward'

/**
 * Frameworks take a falsy error for "continue", and an error with a status, or one whose cause has a status, for a response.
 * What a guard of the application throws must be neither, so everything but our errors and plain errors becomes the cause of a
 * new error, which is an internal one.
 */
export function asError(thrown: unknown): unknown {
  if (thrown instanceof BearwardError || thrown instanceof InternalError) return thrown
  if (isError(thrown) && !isResponse(thrown) && !isResponse(thrown.cause)) return thrown
  return new InternalError('a guard threw something that is not a plain Error', thrown)
}

/** An error that frameworks respond to with 500, whatever its cause is. */
export class InternalError extends Error {
  readonly status = 500
  readonly statusCode = 500

  constructor(problem: string, cause: unknown) {
    super(`bearward: ${problem}`, { cause })
  }
}

/** As src/util/is-error.ts, which an adapter cannot import: a third party could not either. */
const isError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error || /^\[object (?:Error|DOMException)\]$/.test(Object.prototype.toString.call(thrown))

const isResponse = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && RESPONSE_MEMBERS.some((name) => name in thrown)

const RESPONSE_MEMBERS = ['status', 'statusCode', 'getResponse', 'toResponse']
