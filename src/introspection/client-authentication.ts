import { type CryptoKey, SignJWT } from 'jose'
import { isToken68 } from '../http/grammar.ts'
import { importSigningKey } from '../jws/sign.ts'
import { redactError } from '../upstream/redact-error.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { ClientSettings } from './client-settings.ts'

/** The headers and form parameters that authenticate our client. */
export interface ClientProof {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

/** Authenticates our client for one request. Secrets are read at construction and are not exposed as properties. */
export type AuthenticateClient = () => ClientProof | Promise<ClientProof>

export function createClientAuthentication(client: ClientSettings, issuer: string): AuthenticateClient {
  switch (client.method) {
    case 'client_secret_basic': {
      const headers = { authorization: basic(client.clientId, client.clientSecret) }
      return () => ({ headers, parameters: {} })
    }
    case 'client_secret_post': {
      const parameters = { client_id: client.clientId, client_secret: client.clientSecret }
      return () => ({ headers: {}, parameters })
    }
    case 'private_key_jwt':
      return assertions(client, issuer)
    case 'bearer':
      return async () => ({ headers: { authorization: `Bearer ${await bearerToken(client.token)}` }, parameters: {} })
    case 'none': {
      const parameters = { client_id: client.clientId }
      return () => ({ headers: {}, parameters })
    }
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined, so that a colon in one is not a separator. */
function basic(clientId: string, clientSecret: string): string {
  return `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`
}

/** RFC 6749 Appendix B. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

async function bearerToken(own: string | (() => string | Promise<string>)): Promise<string> {
  let token: unknown
  try {
    token = typeof own === 'string' ? own : await own()
  } catch (thrown) {
    const cause = redactError(thrown)
    throw new UpstreamError('network', 'the access token for introspection could not be obtained', { cause })
  }
  if (typeof token === 'string' && isToken68(token)) return token
  throw new UpstreamError('shape', 'the access token for introspection is not a valid token')
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const ASSERTION_LIFETIME = 60

/** A new assertion for each request, because servers accept each one once (RFC 7523 §3, as updated by RFC 7523bis). */
function assertions(
  client: Extract<ClientSettings, { method: 'private_key_jwt' }>,
  issuer: string,
): AuthenticateClient {
  const { clientId, key, algorithm, keyId: kid, audience = issuer } = client
  let imported: CryptoKey | undefined
  return async () => {
    imported ??= await importSigningKey(key, algorithm)
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: algorithm, typ: 'client-authentication+jwt', ...(kid !== undefined && { kid }) })
      .setIssuer(clientId)
      .setSubject(clientId)
      // A single audience, by default the issuer: another server could replay an assertion that names several.
      .setAudience(audience)
      .setJti(crypto.randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${ASSERTION_LIFETIME}s`)
      .sign(imported)
    return {
      headers: {},
      parameters: { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion },
    }
  }
}
