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

/** The classes that differ in nothing but their name. */
const PLAIN = { InvalidRequest, InvalidToken, InvalidDpopProof, InsufficientScope, Unavailable }

/** The error for a refusal, for those who want one: the public functions that throw, and `errors: 'forward'`. */
export function errorOf({ kind, reason, details }: Refusal): BearwardError {
  const { acr, maxAge, nonce = '', retryAfter, ...rest } = details
  const given = { ...rest, ...(retryAfter !== undefined && { retryAfter }) }
  if (kind === 'MissingCredentials') return new MissingCredentials(given)
  if (kind === 'UseDpopNonce') return new UseDpopNonce(nonce, given)
  if (kind === 'InsufficientUserAuthentication') {
    return new InsufficientUserAuthentication({ ...(acr && { acr }), ...(maxAge !== undefined && { maxAge }) }, given)
  }
  return new PLAIN[kind](reason as never, given)
}

/** The refusal that an error stands for: one that a guard threw, or that an application made to have it answered. */
export function refusalOf(error: BearwardError): Refusal {
  const { scopes, retryAfter, cause } = error
  const { nonce, acr, maxAge } = error as BearwardError & Pick<RefusalDetails, 'nonce' | 'acr' | 'maxAge'>
  const details = Object.entries({ scopes, retryAfter, cause, nonce, acr, maxAge }).filter(
    ([, value]) => value !== undefined,
  )
  return new Refusal(kindOf(error), error.reason, Object.fromEntries(details))
}

const kindOf = ({ code }: BearwardError): KindName =>
  (Object.keys(KINDS) as KindName[]).find((kind) => KINDS[kind].code === code) ?? 'InvalidToken'
