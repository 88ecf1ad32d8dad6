import { SignJWT } from 'jose'
import { importSigningKey } from '../jws/sign.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { SignedMetadataSettings } from './options.ts'

/**
 * Signs the members of the document as claims of a JWS (RFC 9728 §2.2); `iss` attests to them. It has no `exp`: clients
 * fetch the document that contains it again, and `Cache-Control` states how long that is fresh.
 */
export async function signMetadata(
  document: JsonObject,
  { issuer, key, algorithm, keyId }: SignedMetadataSettings,
): Promise<string> {
  return new SignJWT({ ...document })
    .setProtectedHeader({ alg: algorithm, ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(issuer)
    .setIssuedAt()
    .sign(await importSigningKey(key, algorithm))
}
