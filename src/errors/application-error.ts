import { isError } from '../util/is-error.ts'
import { BearwardError } from './errors.ts'

/**
 * What a guard of the application has thrown, as an error that every framework responds to with 500. Frameworks take a falsy
 * error for "continue", and an error with a status or headers, or one whose cause has them, for a response. So everything but our
 * errors and plain errors becomes the cause of a new one.
 */
export function applicationError(thrown: unknown): Error {
  if (thrown instanceof BearwardError || thrown instanceof ApplicationError) return thrown
  if (isError(thrown) && !isResponse(thrown) && !isResponse(thrown.cause)) return thrown
  return new ApplicationError(thrown)
}

class ApplicationError extends Error {
  readonly status = 500
  readonly statusCode = 500
  /** None, or h3 2 would take those of the cause. */
  readonly headers = {}

  constructor(cause: unknown) {
    super('bearward: a guard threw what is no plain Error', { cause })
  }
}

const isResponse = (thrown: unknown): boolean => RESPONSE_MEMBERS.some((name) => name in Object(thrown))

const RESPONSE_MEMBERS = ['status', 'statusCode', 'headers', 'getResponse', 'toResponse']
