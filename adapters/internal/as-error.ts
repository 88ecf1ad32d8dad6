import { BearwardError } from 'bearward'

/**
 * To a framework an empty error means "go on", and one with a status is a response. What an application throws in a guard
 * must be neither: whatever is not ours and not a plain error reaches the framework as the cause of one.
 */
export function asError(thrown: unknown): unknown {
  if (thrown instanceof BearwardError) return thrown
  if (thrown instanceof Error && !RESPONSE_MEMBERS.some((name) => name in thrown)) return thrown
  return new Error('bearward: a guard threw something that is not a plain Error', { cause: thrown })
}

const RESPONSE_MEMBERS = ['status', 'statusCode', 'getResponse']
