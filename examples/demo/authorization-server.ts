import { createServer, type RequestListener } from 'node:http'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Configuration } from 'oidc-provider'
import { CLIENTS } from './clients.ts'
import { hangUp, listen } from './listen.ts'
import { SCOPES } from './orders.ts'
import { withoutNotices } from './without-notices.ts'

/** Another API that trusts the same authorization server. Its tokens must not open ours. */
export const OTHER_RESOURCE = 'https://invoices.example'

/** A real authorization server on loopback: oidc-provider, with keys that can be changed and a switch to turn it off. */
export interface AuthorizationServer {
  readonly issuer: string
  /** Signs with a new key from now on. The old ones stay published, since tokens signed with them are still about. */
  addKey(): Promise<void>
  /** Publishes the newest key only. */
  withdrawOldKeys(): void
  /** Closes the socket: connections are refused. */
  stop(): Promise<void>
  /** Listens again, at the same place. */
  start(): Promise<void>
}

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const { Provider } = await withoutNotices(() => import('oidc-provider'))

  let keys = [await createKey()]
  let serve: RequestListener
  // The indirection keeps the socket, and with it the issuer, while the provider behind it is replaced.
  const listener = createServer((request, response) => serve(request, response))
  const issuer = await listen(listener)
  const port = Number(new URL(issuer).port)

  /** A provider reads its keys once; new keys take a new provider. Nothing is lost, because JWTs are kept by clients. */
  const publish = () => {
    serve = withoutNotices(() => new Provider(issuer, configuration(keys))).callback()
  }
  publish()

  return {
    issuer,
    async addKey() {
      keys = [await createKey(), ...keys] // it signs with the first that fits
      publish()
    },
    withdrawOldKeys() {
      keys = keys.slice(0, 1)
      publish()
    },
    stop: () => hangUp(listener),
    async start() {
      await listen(listener, port)
    },
  }
}

const ALGORITHM = 'ES256'

let made = 0

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: `key-${++made}`, alg: ALGORITHM, use: 'sig' }
}

function configuration(keys: readonly JWK[]): Configuration {
  return {
    jwks: { keys },
    scopes: [...SCOPES],
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    clients: CLIENTS.map(({ id, secret, scope }) => ({
      client_id: id,
      client_secret: secret,
      scope,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    })),
    features: {
      devInteractions: { enabled: false }, // nobody signs in here
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The same for both APIs; the audience of a token is the one it was asked for.
        getResourceServerInfo: () => ({
          scope: SCOPES.join(' '),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: ALGORITHM } },
        }),
      },
    },
    ttl: {
      ClientCredentials: (_ctx, _token, client) => CLIENTS.find(({ id }) => id === client.clientId)?.lifetime ?? 1,
    },
  }
}
