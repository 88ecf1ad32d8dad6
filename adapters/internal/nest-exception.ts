import { HttpException } from '@nestjs/common'
import type { BearwardError, HttpResponse, Refused } from 'bearward'

/**
 * A refused request, as Nest's exception filters get it: with the status and the body of the response. The headers of the
 * response, such as the challenge, are set before it is thrown, so that they survive any filter.
 */
export class BearwardException extends HttpException {
  readonly #refused: Refused

  constructor(refused: Refused) {
    super(bodyOf(refused), refused.response.status)
    this.#refused = refused
  }

  /** The response that the guard would send. */
  get httpResponse(): HttpResponse {
    return this.#refused.response
  }

  /** What the other adapters hand on with `errors: 'forward'`, with `reason` and the complete `response`. */
  get error(): BearwardError {
    return this.#refused.toError()
  }
}

/** With `errors: 'respond'`: a filter of ours sends its response, unless one on the controller comes before. */
export class RespondException extends BearwardException {}

/** The body of the response that a refusal gets. */
export const bodyOf = ({ response }: Refused): Record<string, unknown> => JSON.parse(response.body)
