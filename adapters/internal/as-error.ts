import { BearwardError } from 'bearward'

/**
 * Frameworks take a falsy error for "continue", and an error with a status for a response. What a guard of the application
 * throws must be neither, so everything but our errors and plain errors becomes the cause of a new error.
 */
export function asError(thrown: unknown): unknown {
  if (thrown instanceof BearwardError) return thrown
  if (thrown instanceof Error && !RESPONSE_MEMBERS.some((name) => name in thrown)) return thrown
  return new Error('bearward: a guard threw something that is not a plain Error', { cause: thrown })
}

const RESPONSE_MEMBERS = ['status', 'statusCode', 'getResponse']
