import { randomUUID, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientCertificate } from 'bearward/testing'
import { ALGORITHM, type Settings } from '../demo/authorization-server.ts'
import { SCOPES } from '../demo/orders.ts'
import { DEPOT, NOTEBOOK, ORDER_BOARD, ORDERS_API, REGISTRATIONS, SHORT, TILL, WITH_REDIRECT } from './clients.ts'
import { codeEntered, codeToConfirm, deviceDone } from './people/device-pages.ts'
import { errorPage } from './people/error-page.ts'
import { INTERACTION } from './people/front.ts'
import { signOutPage } from './people/sign-out.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE

export interface Registered {
  readonly redirectUri: string
  /** The certificate of the client that authenticates with it. */
  readonly certificate: ClientCertificate
  /** The token endpoint over TLS. */
  readonly tokenEndpoint: string
  /** Permits clients to register. */
  readonly initialAccessToken: string
  /** Where the API learns that a user has signed out. */
  readonly logoutUri: string
}

/** The configuration for all clients of the playground. */
export const settingsFor =
  ({ redirectUri, certificate, tokenEndpoint, initialAccessToken, logoutUri }: Registered): Settings =>
  (keys) => ({
    jwks: { keys: [...keys] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    clientAuthMethods: ['client_secret_basic', 'none', 'self_signed_tls_client_auth'],
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    clients: REGISTRATIONS.map(({ id, name, secret, more }) => ({
      client_id: id,
      client_name: name,
      ...(secret !== undefined && { client_secret: secret }),
      ...more,
      ...(WITH_REDIRECT.some((one) => one.id === id) && { redirect_uris: [redirectUri] }),
      ...(id === DEPOT.id && { jwks: { keys: [jwkOf(certificate)] } }),
      ...(id === ORDER_BOARD.id && {
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
        post_logout_redirect_uris: [redirectUri],
      }),
    })),
    // The issuer uses plain HTTP. Clients with certificates use this endpoint instead (RFC 8705 §5).
    discovery: { mtls_endpoint_aliases: { token_endpoint: tokenEndpoint } },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    // The only request that it sends by itself; the default would not connect to loopback.
    fetch: async (url, { dispatcher: _, ...request }: RequestInit & { dispatcher?: unknown } = {}) => {
      if (String(url) !== logoutUri) throw new TypeError('not the logout URI of the API')
      return fetch(url, request)
    },
    // The session, so that a sign-out ends only what belongs to it.
    extraTokenClaims: ({ oidc: { entities } }, token) => {
      const sid = entities.AuthorizationCode?.sid ?? entities.RefreshToken?.sid
      if (sid !== undefined) return { sid }
      return 'sessionUid' in token && token.sessionUid !== undefined ? { sid: token.sessionUid } : undefined
    },
    interactions: { url: (_context, { uid }) => `${INTERACTION}${uid}` },
    renderError: errorPage,
    rotateRefreshToken: true,
    pkce: { required: (_context, client) => client.clientAuthMethod === 'none' },
    ttl: {
      AccessToken: (_context, _token, client) => (client.clientId === NOTEBOOK.id ? SHORT : HOUR),
      AuthorizationCode: MINUTE,
      ClientCredentials: HOUR,
      DeviceCode: 10 * MINUTE,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: HOUR,
      Session: HOUR,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage },
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      registration: { enabled: true, initialAccessToken, issueRegistrationAccessToken: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: codeEntered,
        userCodeConfirmSource: codeToConfirm,
        successSource: deviceDone,
      },
      dPoP: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        getCertificate: ({ socket }) => certificateOf(socket),
      },
      // Only the API may introspect: a response reveals what other clients' tokens permit.
      introspection: { enabled: true, allowedPolicy: (_context, client) => client.clientId === ORDERS_API.id },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        // Without a resource, a refresh or code exchange uses the granted one.
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, _resource, client) => ({
          scope: SCOPES.join(' '),
          ...(client.clientId === TILL.id
            ? { accessTokenFormat: 'opaque' as const }
            : { accessTokenFormat: 'jwt' as const, jwt: { sign: { alg: ALGORITHM } } }),
        }),
      },
    },
  })

/** RFC 8705 §2.2.2: self-signed certificates are registered with the client. */
function jwkOf({ cert, der }: ClientCertificate) {
  const jwk = new X509Certificate(cert).publicKey.export({ format: 'jwk' })
  return { ...jwk, use: 'sig', kid: 'certificate', x5c: [Buffer.from(der).toString('base64')] }
}

const certificateOf = (socket: Socket): X509Certificate | undefined =>
  socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
