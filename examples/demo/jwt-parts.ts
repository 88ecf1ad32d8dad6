type Json = Record<string, unknown>

const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json

function partsOf(token: string): readonly [header: string, claims: string, signature: string] {
  const [header = '', claims = '', signature = ''] = token.split('.')
  return [header, claims, signature]
}

/** The claims of a token, unverified. */
export const claimsOf = (token: string): Json => decode(partsOf(token)[1])

/** Seconds until a token expires. */
export const secondsLeft = (token: string): number => Number(claimsOf(token).exp) - Date.now() / 1000

/** A scope that no token has, so that a token with it is always a different one. */
export const FORGED_SCOPE = 'admin:orders'

/** Adds a scope to the claims and keeps the signature, which no longer matches. */
export function withMoreScope(token: string): string {
  const [header, claims, signature] = partsOf(token)
  const { scope = '', ...rest } = decode(claims)
  return `${header}.${encode({ ...rest, scope: `${scope} ${FORGED_SCOPE}`.trim() })}.${signature}`
}

/** The claims of a good token under an `alg: none` header. */
export function unsigned(token: string): string {
  const [header, claims] = partsOf(token)
  return `${encode({ ...decode(header), alg: 'none' })}.${claims}.`
}
