import { type BearwardError, kindOf } from './errors.ts'
import { Refusal, type RefusalDetails } from './refusal.ts'

/** The error for a refusal: for the public functions that throw, and for `errors: 'forward'`. */
export const errorOf = ({ kind, reason, details }: Refusal): BearwardError => kind.create(reason as never, details)

/** The refusal of an error that a guard threw, or that an application created to respond with. */
export function refusalOf(error: BearwardError): Refusal {
  const { scopes, retryAfter, cause, option, claim } = error
  const { nonce, acr, maxAge } = error as BearwardError & Pick<RefusalDetails, 'nonce' | 'acr' | 'maxAge'>
  return new Refusal(kindOf(error), error.reason, { scopes, retryAfter, cause, option, claim, nonce, acr, maxAge })
}
