import { SignJWT } from 'jose'
import type { Authority, Internet } from '../internet.ts'

/** Creates a token of the shape that a page describes, by its name in the table. */
export type Makers = Readonly<Record<string, () => string | Promise<string>>>

/** Serves a provider under its URLs, and creates its tokens. */
export type Provider = (internet: Internet) => Promise<Makers>

const LIFETIME = 600

/** `iat` and `exp` of a currently valid token. */
export function times(): { readonly iat: number; readonly exp: number } {
  const iat = Math.floor(Date.now() / 1000) - 5
  return { iat, exp: iat + LIFETIME }
}

/** Signs claims on top of those common to all tokens of a kind. */
export const kind =
  (authority: Authority, base: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  (claims: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Promise<string> =>
    authority.sign({ iss: authority.issuer, ...times(), ...base, ...claims }, { ...header, ...more })

/** A token with a symmetric signature, which an API could verify only with a key that can also sign. */
export const symmetric = (algorithm: 'HS256' | 'HS512', claims: Record<string, unknown>): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(new Uint8Array(64).fill(1))

/** The outer form of a JWE with a shared key: a header, no encrypted key, and three encrypted parts. */
export const encrypted = (header: Record<string, unknown>): string =>
  `${Buffer.from(JSON.stringify(header)).toString('base64url')}..${'c'.repeat(16)}.${'d'.repeat(86)}.${'e'.repeat(22)}`
