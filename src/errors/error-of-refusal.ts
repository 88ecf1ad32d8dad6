import {
  type BearwardError,
  InsufficientScope,
  InsufficientUserAuthentication,
  InvalidDpopProof,
  InvalidRequest,
  InvalidToken,
  MissingCredentials,
  Unavailable,
  UseDpopNonce,
} from './errors.ts'
import { KINDS, type KindName } from './reasons.ts'
import { Refusal, type RefusalDetails } from './refusal.ts'

/** The classes that are constructed from a reason and common details. */
const PLAIN = { InvalidRequest, InvalidToken, InvalidDpopProof, InsufficientScope, Unavailable }

/** The error for a refusal: for the public functions that throw, and for `errors: 'forward'`. */
export function errorOf({ kind, reason, details }: Refusal): BearwardError {
  const { acr, maxAge, nonce = '', retryAfter, size: _size, limit: _limit, ...rest } = details
  const common = { ...rest, ...(retryAfter !== undefined && { retryAfter }) }
  if (kind === 'MissingCredentials') return new MissingCredentials(common)
  if (kind === 'UseDpopNonce') return new UseDpopNonce(nonce, common)
  if (kind === 'InsufficientUserAuthentication') {
    return new InsufficientUserAuthentication({ ...(acr && { acr }), ...(maxAge !== undefined && { maxAge }) }, common)
  }
  return new PLAIN[kind](reason as never, common)
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

const kindOf = ({ code }: BearwardError): KindName =>
  (Object.keys(KINDS) as KindName[]).find((kind) => KINDS[kind].code === code) ?? 'InvalidToken'
