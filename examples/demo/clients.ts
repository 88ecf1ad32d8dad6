import { randomUUID } from 'node:crypto'
import { ALGORITHM, type Settings } from './authorization-server.ts'
import { SCOPES } from './orders.ts'

/** Another API that trusts the same authorization server. Its tokens must not open ours. */
export const OTHER_RESOURCE = 'https://invoices.example'

/** A client that is registered at the authorization server. */
export interface Client {
  readonly id: string
  readonly secret: string
  /** The most it may ask for. */
  readonly scope: string
  /** Seconds that its tokens live. */
  readonly lifetime: number
}

// Secrets that last as long as the process and are printed nowhere.
const register = (id: string, scope: string, lifetime: number): Client => ({
  id,
  secret: randomUUID(),
  scope,
  lifetime,
})

const HOUR = 3600

/** May look. */
export const READER = register('reader', 'read:orders', HOUR)
/** May look and order. */
export const CLERK = register('clerk', 'read:orders write:orders', HOUR)
/** May look, for a moment. */
export const VISITOR = register('visitor', 'read:orders', 3)

const CLIENTS: readonly Client[] = [READER, CLERK, VISITOR]

/** An authorization server at which these clients, and nobody else, get tokens on their own behalf. */
export const clientsOnly: Settings = (keys) => ({
  jwks: { keys: [...keys] },
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
})
