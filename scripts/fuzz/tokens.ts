import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

// What the targets share: an issuer, its key, and the key of an attacker.

export const ISSUER = 'https://auth.example.com'
export const RESOURCE = 'https://api.example.com'
export const NOW = 1_800_000_000
export const TOLERANCE = 30

/** For servers that exist for one input: creating caches of the usual sizes would take most of the time. */
export const SMALL_CACHES = { jwt: 1, active: 1, inactive: 1, replay: 1 }

export interface Key {
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, string>>
}

export function createKey(kid: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as Record<string, string>), kid, alg: 'ES256' } }
}

export const key = createKey('key-1')
export const attackersKey = createKey('key-1')

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export function compact(header: unknown, claims: unknown, { privateKey }: Key): string {
  const text = `${encoded(header)}.${encoded(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

export const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }
export const CLAIMS = {
  iss: ISSUER,
  aud: RESOURCE,
  sub: 'user-1',
  client_id: 'client-1',
  scope: 'read',
  jti: 'token-1',
  iat: NOW,
  exp: NOW + 300,
}

/** Whether claims are good enough for access, as RFC 7519 §4.1 and RFC 9068 §4 have it. */
export function mayBeValid({ iss, aud, exp, nbf, iat }: Readonly<Record<string, unknown>>): boolean {
  return (
    iss === ISSUER &&
    (aud === RESOURCE || (Array.isArray(aud) && aud.includes(RESOURCE))) &&
    typeof exp === 'number' &&
    exp > NOW - TOLERANCE &&
    (nbf === undefined || (typeof nbf === 'number' && nbf <= NOW + TOLERANCE)) &&
    (iat === undefined || typeof iat === 'number')
  )
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** A response of the issuer, for the `fetch` option. */
export const json = (value: unknown): Response =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } })
