import { BearwardError } from 'bearward'
import type fc from 'fast-check'

/** One kind of input, and what must be true of the response to it. */
export interface Target<Input = unknown> {
  readonly name: string
  readonly input: fc.Arbitrary<Input>
  /**
   * Sends the input.
   *
   * @throws {Error} if it was accepted and must not be, or if something else than a refusal was thrown
   */
  send(input: Input): Promise<Outcome>
}

export type Outcome = 'accepted' | 'refused'

const STATUSES = [400, 401, 403, 503]

/**
 * The outcome of a call of the server. Each refusal must be one of ours.
 *
 * @param mayAccept whether the input is good enough, by rules that are written here independently of the package
 */
export async function outcomeOf(call: () => Promise<unknown>, mayAccept: boolean): Promise<Outcome> {
  try {
    await call()
  } catch (thrown) {
    if (thrown instanceof BearwardError && STATUSES.includes(thrown.status)) return 'refused'
    throw new Error('not a refusal', { cause: thrown })
  }
  if (!mayAccept) throw new Error('accepted, and must not be')
  return 'accepted'
}
