import { invalidToken, Refusal } from '../errors/refusal.ts'
import type { Issuer } from '../issuers/issuer.ts'
import { isEncrypted } from '../jwt/encrypted.ts'
import type { HeaderReader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'

/** A JWT that names its issuer, or a token that only an issuer can read. */
export interface TokenFormat {
  readonly jwt: UnverifiedJwt | undefined
  /** The issuer that introspects it, where it is not a JWT to verify here; `undefined` if no issuer does. */
  readonly introspectedBy: Issuer | undefined
}

export type ReadFormat = (raw: string) => TokenFormat | Refusal

/**
 * @param configured the issuers of the options; those that are resolved at run time have no opaque tokens, which do not
 * name them
 */
export type CreateFormatReader = (readHeader: HeaderReader, configured: readonly Issuer[]) => ReadFormat

/** Where every token is a JWT that is verified here. */
export const createJwtFormatReader: CreateFormatReader = (readHeader) => (raw) => {
  const jwt = parseCompactJwt(raw, readHeader)
  if (!(jwt instanceof Refusal)) return { jwt, introspectedBy: undefined }
  return isEncrypted(raw) ? invalidToken('encrypted') : jwt
}
