import { invalidToken, type Refusal } from '../errors/refusal.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'

/** The keys a token is bound to (`cnf`, RFC 7800 §3.1). The request must prove every member. */
export interface Confirmation {
  /** The SHA-256 thumbprint of the DPoP key, in base64url (RFC 9449 §6.1). */
  readonly jkt?: string
  /** The SHA-256 thumbprint of the client's certificate, in base64url (RFC 8705 §3.1). */
  readonly 'x5t#S256'?: string
}

const SUPPORTED_MEMBERS = ['jkt', 'x5t#S256']

/** A SHA-256 in unpadded base64url; its last character carries four bits. */
const THUMBPRINT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/**
 * Reads `cnf`; `undefined` for a bearer token.
 *
 * Refused with `confirmation` for a method that this server cannot check: ignoring it would make the token
 * a bearer token (RFC 7800 §3.1)
 */
export function confirmationOf(claims: JsonObject): Confirmation | Refusal | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined
  const { cnf } = claims
  const names = isObject(cnf) ? Object.keys(cnf) : []
  const isSupported = names.every((name) => SUPPORTED_MEMBERS.includes(name) && isThumbprint((cnf as JsonObject)[name]))
  if (names.length === 0 || !isSupported) return invalidToken('confirmation')
  return Object.freeze({ ...(cnf as Confirmation) })
}

const isThumbprint = (value: unknown): boolean => typeof value === 'string' && THUMBPRINT.test(value)

/**
 * Combines two statements about one token: each may add a binding, neither can remove one.
 *
 * Refused with `confirmation` if they contradict each other
 */
export function bothConfirmations(
  one: Confirmation | undefined,
  other: Confirmation | undefined,
): Confirmation | Refusal | undefined {
  if (!one || !other) return one ?? other
  const contradict = (name: keyof Confirmation) => name in one && name in other && one[name] !== other[name]
  if (contradict('jkt') || contradict('x5t#S256')) return invalidToken('confirmation')
  return Object.freeze({ ...one, ...other })
}

export const sameConfirmation = (one: Confirmation | undefined, other: Confirmation | undefined): boolean =>
  one?.jkt === other?.jkt && one?.['x5t#S256'] === other?.['x5t#S256']
