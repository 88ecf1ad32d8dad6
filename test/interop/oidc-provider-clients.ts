import { type CryptoKey, exportJWK, generateKeyPair } from 'jose'
import {
  authorizationCodeGrantRequest,
  type ClientAuth,
  ClientSecretBasic,
  calculatePKCECodeChallenge,
  clientCredentialsGrantRequest,
  type DPoPHandle,
  generateRandomCodeVerifier,
  introspectionRequest,
  processAuthorizationCodeResponse,
  processClientCredentialsResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  validateAuthResponse,
} from 'oauth4webapi'
import { followTo } from '../support/http/user-agent.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import {
  CERTIFICATE_HEADER,
  type OidcProvider,
  type OidcProviderOptions,
  ON_LOOPBACK,
  type RegisteredClient,
  startOidcProvider,
} from '../support/oidc-provider/oidc-provider.ts'

/** Full of characters with a meaning in forms, URLs or Basic credentials (RFC 6749 §2.3.1, appendix B). */
export const SECRET = 'a:b c+d%e&f=g/h?i#j~k"l\\m'

/** Another API that trusts the same authorization server. */
export const OTHER_RESOURCE = 'https://invoices.example.com'

export const SCOPES = ['read:orders', 'write:orders']

/** Lifetime of the tokens of the client `visitor`, in seconds. */
export const VISIT = 1

const REDIRECT = 'http://127.0.0.1/signed-in'

const machine = (client_id: string, more: Partial<RegisteredClient> = {}): RegisteredClient => ({
  client_id,
  client_secret: SECRET,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  ...more,
})

/** A client that requests no tokens and only introspects those of others: our API. */
const api = (client_id: string, more: Partial<RegisteredClient> = {}): RegisteredClient =>
  machine(client_id, { grant_types: [], ...more })

/** The authorization server with all clients of the suite, and the key of the client that signs assertions. */
export async function startProvider(
  options: Pick<OidcProviderOptions, 'signsResponses'> = {},
): Promise<OidcProvider & { readonly assertionKey: CryptoKey }> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const assertionJwk = { ...(await exportJWK(publicKey)), kid: 'assertions', alg: 'ES256', use: 'sig' }
  const provider = await startOidcProvider({
    ...options,
    scopes: SCOPES,
    tokensOf: (clientId) => ({
      format: clientId.includes('jwt-robot') ? 'jwt' : 'opaque',
      lifetime: clientId === 'visitor' ? VISIT : 300,
    }),
    clients: [
      machine('robot'),
      machine('jwt-robot'),
      machine('visitor'),
      machine('bound-robot', { tls_client_certificate_bound_access_tokens: true }),
      machine('bound-jwt-robot', { tls_client_certificate_bound_access_tokens: true }),
      {
        client_id: 'web',
        client_secret: SECRET,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [REDIRECT],
      },
      api('orders-api'),
      api('api-post', { token_endpoint_auth_method: 'client_secret_post' }),
      api('api-assertion', {
        client_secret: undefined,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [assertionJwk] },
      }),
      api('api-tls', {
        client_secret: undefined,
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=api',
      }),
    ],
  })
  return { ...provider, assertionKey: privateKey }
}

const BASIC: ClientAuth = ClientSecretBasic(SECRET)

interface Requirements {
  readonly scope?: string
  /** `null`: without a resource. */
  readonly resource?: string | null
  readonly DPoP?: DPoPHandle
  /** Base64 of the DER of the client's certificate. */
  readonly certificate?: string
}

/** An access token for a client that acts on its own behalf (RFC 6749 §4.4). */
export async function tokenOf(
  { metadata }: OidcProvider,
  client_id: string,
  { scope = 'read:orders', resource = RESOURCE, DPoP, certificate }: Requirements = {},
): Promise<string> {
  const client = { client_id }
  const response = await clientCredentialsGrantRequest(
    metadata,
    client,
    BASIC,
    { scope, ...(resource !== null && { resource }) },
    {
      ...ON_LOOPBACK,
      ...(DPoP && { DPoP }),
      ...(certificate !== undefined && { headers: { [CERTIFICATE_HEADER]: certificate } }),
    },
  )
  return (await processClientCredentialsResponse(metadata, client, response)).access_token
}

const WEB = { client_id: 'web' }

/** The tokens of a user's client after sign-in. */
export interface SignedIn {
  readonly accessToken: string
  readonly refreshToken: string
  readonly idToken: string
}

function signedIn({ access_token, refresh_token, id_token }: TokenEndpointResponse): SignedIn {
  if (refresh_token === undefined || id_token === undefined) throw new Error('a token is missing')
  return { accessToken: access_token, refreshToken: refresh_token, idToken: id_token }
}

/** A user signs in by authorization code and PKCE (RFC 6749 §4.1, RFC 7636). */
export async function signIn({ metadata }: OidcProvider): Promise<SignedIn> {
  const verifier = generateRandomCodeVerifier()
  const start = new URL(metadata.authorization_endpoint as string)
  start.search = new URLSearchParams({
    ...WEB,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: `openid offline_access ${SCOPES.join(' ')}`,
    resource: RESOURCE,
    prompt: 'consent',
    nonce: 'n-1',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const callback = validateAuthResponse(metadata, WEB, await followTo(REDIRECT, start))
  const response = await authorizationCodeGrantRequest(metadata, WEB, BASIC, callback, REDIRECT, verifier, {
    ...ON_LOOPBACK,
    additionalParameters: { resource: RESOURCE },
  })
  return signedIn(await processAuthorizationCodeResponse(metadata, WEB, response, { expectedNonce: 'n-1' }))
}

/** Exchanges a refresh token, which can be used only once (RFC 6749 §6). */
export async function refresh({ metadata }: OidcProvider, refreshToken: string): Promise<SignedIn> {
  const response = await refreshTokenGrantRequest(metadata, WEB, BASIC, refreshToken, {
    ...ON_LOOPBACK,
    additionalParameters: { resource: RESOURCE },
  })
  return signedIn(await processRefreshTokenResponse(metadata, WEB, response))
}

/** RFC 7009. */
export async function revoke({ metadata }: OidcProvider, client_id: string, token: string): Promise<void> {
  await processRevocationResponse(await revocationRequest(metadata, { client_id }, BASIC, token, ON_LOOPBACK))
}

/** The signed introspection response of the authorization server for a token (RFC 9701 §5). */
export async function signedResponse({ metadata }: OidcProvider, token: string): Promise<string> {
  const client = { client_id: 'orders-api', introspection_signed_response_alg: 'ES256' }
  const options = { ...ON_LOOPBACK, requestJwtResponse: true }
  const response = await introspectionRequest(metadata, client, BASIC, token, options)
  return response.text()
}

/** A certificate without its PEM markers: base64 of its DER. */
export const derOf = ({ cert }: { readonly cert: string }): string => cert.replace(/-----[^-]+-----|\s/g, '')
