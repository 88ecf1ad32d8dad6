import { SignJWT } from 'jose'
import type { SignedMetadataSettings } from '../options/metadata-options.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { importSigningKey } from '../signature/signing.ts'

/**
 * The members of the document as claims of a JWS (RFC 9728 §2.2), `iss` naming who attests to them. It has no `exp`:
 * the document it stands in is fetched anew, and says how long it is fresh.
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
