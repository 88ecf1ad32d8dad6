import { X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import {
  type AuthorizationServer,
  allowInsecureRequests,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi'
import type { ClientMetadata, Configuration, Provider } from 'oidc-provider'
import { withoutNotices } from '../../../examples/demo/without-notices.ts'

/** Everything runs on loopback, without TLS. oauth4webapi requires an option for that. */
export const ON_LOOPBACK = { [allowInsecureRequests]: true }

/** The header with a client's certificate, as a proxy that terminates TLS would forward it: base64 of its DER. */
export const CERTIFICATE_HEADER = 'x-client-certificate'

/** The user who signs in. */
export const SUBJECT = 'alice'

/** A client as oidc-provider registers it, with the kind of its tokens. */
export interface RegisteredClient extends ClientMetadata {
  readonly client_id: string
}

export interface OidcProviderOptions {
  readonly clients: readonly RegisteredClient[]
  /** The scopes of every API. */
  readonly scopes: readonly string[]
  /** The kind of access tokens of a client. Default: opaque, for 300 seconds. */
  readonly tokensOf?: (clientId: string) => { readonly format?: 'opaque' | 'jwt'; readonly lifetime?: number }
  /** Whether it signs introspection responses for clients that request that (RFC 9701). Default: true. */
  readonly signsResponses?: boolean
  /** Whether new clients may register (RFC 7591). Default: false. */
  readonly registration?: boolean
  /** Whether it tells clients that a user signs out (OpenID Connect Back-Channel Logout). Default: false. */
  readonly backchannelLogout?: boolean
}

/** A real authorization server on a free port of loopback. Every user who signs in is Alice, who agrees to everything. */
export interface OidcProvider {
  readonly issuer: string
  readonly metadata: AuthorizationServer
  /** The requested paths, in order. */
  readonly requests: readonly string[]
  /** The number of introspection requests. */
  introspections(): number
  /** Connections are refused from now on. */
  stop(): Promise<void>
  /** Listens again on the same port, with everything it has stored. */
  start(): Promise<void>
}

export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  const { Provider } = await withoutNotices(() => import('oidc-provider'))
  const requests: string[] = []
  let serve: (request: IncomingMessage, response: ServerResponse) => unknown
  const listener = createServer((request, response) => {
    requests.push(new URL(request.url ?? '/', 'http://loopback').pathname)
    serve(request, response)
  })
  let port = 0
  const start = () =>
    new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(port, '127.0.0.1', () => {
        port = (listener.address() as AddressInfo).port
        resolve()
      })
    })
  await start()

  const issuer = `http://127.0.0.1:${port}`
  const settings = await configuration(options)
  const provider = withoutNotices(() => new Provider(issuer, settings))
  const handle = provider.callback()
  serve = (request, response) =>
    request.url?.startsWith(SIGN_IN) ? signIn(provider, request, response) : handle(request, response)

  const url = new URL(issuer)
  const metadata = await processDiscoveryResponse(url, await discoveryRequest(url, ON_LOOPBACK))
  const introspection = new URL(metadata.introspection_endpoint as string).pathname
  return {
    issuer,
    metadata,
    requests,
    introspections: () => requests.filter((path) => path === introspection).length,
    start,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        listener.closeAllConnections()
      }),
  }
}

const SIGN_IN = '/sign-in/'
const ALGORITHM = 'ES256'

async function configuration({
  clients,
  scopes,
  tokensOf,
  signsResponses = true,
  registration = false,
  backchannelLogout = false,
}: OidcProviderOptions): Promise<Configuration> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const lifetimeOf = (clientId: string | undefined) => tokensOf?.(clientId ?? '').lifetime ?? 300
  return {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'key-1', alg: ALGORITHM, use: 'sig' }] },
    cookies: { keys: ['an unused cookie key'] },
    scopes: ['openid', 'offline_access', ...scopes],
    clients: [...clients],
    clientDefaults: {
      id_token_signed_response_alg: ALGORITHM,
      ...(signsResponses && { introspection_signed_response_alg: ALGORITHM }),
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'none'],
    // MCP SDKs register for the scopes of their first challenge. Limited to those, a client could never request more.
    ...(registration && {
      extraClientMetadata: {
        properties: ['scope'],
        validator(_context, _name, _value, metadata) {
          Reflect.deleteProperty(metadata, 'scope')
        },
      },
    }),
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    // Its own would not connect to loopback.
    fetch: (url, { dispatcher: _, ...request }: RequestInit & { dispatcher?: unknown } = {}) =>
      globalThis.fetch(url, request),
    interactions: { url: (_context, { uid }) => `${SIGN_IN}${uid}` },
    rotateRefreshToken: true,
    ttl: {
      Grant: 3600,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 3600,
      Session: 3600,
      AccessToken: (_context, token) => lifetimeOf(token.clientId),
      ClientCredentials: (_context, token) => lifetimeOf(token.clientId),
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: signsResponses },
      registration: { enabled: registration },
      backchannelLogout: { enabled: backchannelLogout },
      rpInitiatedLogout: {
        enabled: true,
        // The page asks whether to sign out; its button is an input here, as the user agent of the tests needs it.
        logoutSource: (context, form) => {
          context.body = form.replace('</form>', '<input name="logout" value="yes"/></form>')
        },
      },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      dPoP: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        tlsClientAuth: true,
        getCertificate: (context) => context.get(CERTIFICATE_HEADER) || undefined,
        certificateAuthorized: (context) => context.get(CERTIFICATE_HEADER) !== '',
        certificateSubjectMatches: (context, _property, expected) =>
          new X509Certificate(Buffer.from(context.get(CERTIFICATE_HEADER), 'base64')).subject === expected,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, _resource, client) => {
          const format = tokensOf?.(client.clientId).format ?? 'opaque'
          return {
            scope: scopes.join(' '),
            accessTokenFormat: format,
            ...(format === 'jwt' && { jwt: { sign: { alg: ALGORITHM } } }),
          }
        },
      },
    },
  }
}

/** Replaces the pages where a user signs in and agrees with one request. */
async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  const { client_id, scope, resource } = params as { client_id: string; scope: string; resource?: string }
  const grant = new provider.Grant({ accountId: SUBJECT, clientId: client_id })
  grant.addOIDCScope(scope)
  if (resource) grant.addResourceScope(resource, scope)
  const consent = { grantId: await grant.save() }
  await provider.interactionFinished(request, response, { login: { accountId: SUBJECT }, consent })
}
