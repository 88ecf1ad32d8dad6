import { randomUUID } from 'node:crypto'
import { ALGORITHM, type Settings } from './authorization-server.ts'
import { SCOPES } from './orders.ts'

/** Another API of the same authorization server. Our API must refuse its tokens. */
export const OTHER_RESOURCE = 'https://invoices.example'

/** A registered client. */
export interface Client {
  readonly id: string
  readonly secret: string
  /** The scopes it may request. */
  readonly scope: string
  /** Lifetime of its tokens in seconds. */
  readonly lifetime: number
}

// The secrets live as long as the process and are never printed.
const register = (id: string, scope: string, lifetime: number): Client => ({
  id,
  secret: randomUUID(),
  scope,
  lifetime,
})

const HOUR = 3600

/** May read. */
export const READER = register('reader', 'read:orders', HOUR)
/** May read and write. */
export const CLERK = register('clerk', 'read:orders write:orders', HOUR)
/** May read, for three seconds. */
export const VISITOR = register('visitor', 'read:orders', 3)

const CLIENTS: readonly Client[] = [READER, CLERK, VISITOR]

/** Only these clients get tokens, by client credentials. */
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
    devInteractions: { enabled: false }, // no users here
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // The same for both APIs; the requested resource becomes the audience.
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
