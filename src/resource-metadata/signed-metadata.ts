import { SignJWT } from 'jose'
import { required, shape, withMembers } from '../config/shape.ts'
import { text } from '../config/validate.ts'
import { importSigningKey } from '../jws/sign.ts'
import { signingKey, signingKeyMembers } from '../jws/signing-key-settings.ts'
import type { SignMetadata } from './options.ts'

const signedShape = shape({ issuer: required(text), ...signingKeyMembers })

/**
 * The option `metadata.signed`. The members become claims of a JWS (RFC 9728 §2.2); `iss` attests to them. It has no `exp`:
 * clients fetch the document that contains it again, and `Cache-Control` states how long that is fresh.
 */
export const signedMetadata = withMembers<SignMetadata>(signedShape.members, (value, option, hint) => {
  const { issuer, ...signer } = signedShape(value, option, hint)
  const { key, algorithm, keyId } = signingKey(signer, option)
  return async (document) =>
    new SignJWT({ ...document })
      .setProtectedHeader({ alg: algorithm, ...(keyId !== undefined && { kid: keyId }) })
      .setIssuer(issuer)
      .setIssuedAt()
      .sign(await importSigningKey(key, algorithm))
})
