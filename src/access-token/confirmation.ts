import { InvalidToken } from '../errors/errors.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'

/** To what a token is bound (`cnf`, RFC 7800 §3.1). Each member has to be proven; where both are there, both. */
export interface Confirmation {
  /** The SHA-256 thumbprint of the DPoP key, in base64url (RFC 9449 §6.1). */
  readonly jkt?: string
  /** The SHA-256 thumbprint of the client's certificate, in base64url (RFC 8705 §3.1). */
  readonly 'x5t#S256'?: string
}

const KNOWN = ['jkt', 'x5t#S256']

/** A SHA-256 in unpadded base64url; its last character carries four bits. */
const THUMBPRINT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/**
 * What a token says it is bound to, `undefined` for a bearer token.
 *
 * @throws {InvalidToken} `confirmation` where it says something that cannot be proven here: to ignore it would turn the
 * token into a bearer token (RFC 7800 §3.1)
 */
export function confirmationOf(claims: JsonObject): Confirmation | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined
  const { cnf } = claims
  const names = isObject(cnf) ? Object.keys(cnf) : []
  const isKnown = names.every((name) => KNOWN.includes(name) && isThumbprint((cnf as JsonObject)[name]))
  if (names.length === 0 || !isKnown) throw new InvalidToken('confirmation')
  return Object.freeze({ ...(cnf as Confirmation) })
}

const isThumbprint = (value: unknown): boolean => typeof value === 'string' && THUMBPRINT.test(value)

/**
 * What a token is bound to by two statements about it: each may add a binding, neither can take one away.
 *
 * @throws {InvalidToken} `confirmation` where they contradict each other
 */
export function bothConfirmations(one: Confirmation | undefined, other: Confirmation | undefined) {
  if (!one || !other) return one ?? other
  const contradict = (name: keyof Confirmation) => name in one && name in other && one[name] !== other[name]
  if (contradict('jkt') || contradict('x5t#S256')) throw new InvalidToken('confirmation')
  return Object.freeze({ ...one, ...other })
}

export const sameConfirmation = (one: Confirmation | undefined, other: Confirmation | undefined): boolean =>
  one?.jkt === other?.jkt && one?.['x5t#S256'] === other?.['x5t#S256']
