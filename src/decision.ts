import type { AccessToken } from './access-token/access-token.ts'
import { errorOf } from './errors/error-of-refusal.ts'
import type { BearwardError } from './errors/errors.ts'
import type { Refusal } from './errors/refusal.ts'
import type { HttpResponse, ResponseHeaders } from './http-message.ts'

/** What a resource server decides about a request. */
export type Decision<Claims = unknown, Scope extends string = string> = Allowed<Claims, Scope> | Refused

/** The request may continue to the handler. */
export interface Allowed<Claims = unknown, Scope extends string = string> {
  readonly allowed: true
  /** `undefined` for an anonymous request, where those are permitted. */
  readonly token: AccessToken<Claims, Scope> | undefined
  /** Headers for the response of the handler, such as a `DPoP-Nonce` (RFC 9449 §8.2). */
  readonly headers: ResponseHeaders | undefined
}

/** The request is refused, with everything that an adapter needs to say so. */
export interface Refused {
  readonly allowed: false
  /** The response to send, unchanged, if the adapter responds itself. */
  readonly response: HttpResponse
  /** Creates the error to pass to the framework's own error path. */
  toError(): BearwardError
}

export class RefusedRequest implements Refused {
  readonly allowed = false
  readonly response: HttpResponse
  readonly #refusal: Refusal
  readonly #thrown: BearwardError | undefined

  /** @param thrown the error, if a guard threw one of this package */
  constructor(refusal: Refusal, response: HttpResponse, thrown: BearwardError | undefined) {
    this.response = response
    this.#refusal = refusal
    this.#thrown = thrown
  }

  toError(): BearwardError {
    return (this.#thrown ?? errorOf(this.#refusal)).prepared(this.response)
  }
}
