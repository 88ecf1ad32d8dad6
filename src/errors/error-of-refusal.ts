import { type BearwardError, kindOf } from './errors.ts'
import { Refusal, type RefusalDetails } from './refusal.ts'

/** The error for a refusal: for the public functions that throw, and for `errors: 'forward'`. */
export function errorOf({ kind, reason, details }: Refusal): BearwardError {
  const { retryAfter, size: _size, limit: _limit, ...rest } = details
  return kind.create(reason as never, { ...rest, ...(retryAfter !== undefined && { retryAfter }) })
}

/** The refusal of an error that a guard threw, or that an application created to respond with. */
export function refusalOf(error: BearwardError): Refusal {
  const { scopes, retryAfter, cause, option, claim } = error
  const { nonce, acr, maxAge } = error as BearwardError & Pick<RefusalDetails, 'nonce' | 'acr' | 'maxAge'>
  const details = Object.entries({ scopes, retryAfter, cause, option, claim, nonce, acr, maxAge }).filter(
    ([, value]) => value !== undefined,
  )
  return new Refusal(kindOf(error), error.reason, Object.fromEntries(details))
}
