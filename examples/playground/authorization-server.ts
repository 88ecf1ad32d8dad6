import { randomUUID } from 'node:crypto'
import { ALGORITHM, type Settings } from '../demo/authorization-server.ts'
import { SCOPES } from '../demo/orders.ts'
import { ORDERS_API, REGISTRATIONS, TILL, WITH_REDIRECT } from './clients.ts'
import { codeEntered, codeToConfirm, deviceDone } from './people/device-pages.ts'
import { errorPage } from './people/error-page.ts'
import { INTERACTION } from './people/front.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE

/** An authorization server for every client of the playground. */
export const settingsFor =
  (redirectUri: string): Settings =>
  (keys) => ({
    jwks: { keys: [...keys] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    clients: REGISTRATIONS.map(({ id, name, secret, more }) => ({
      client_id: id,
      client_name: name,
      ...(secret !== undefined && { client_secret: secret }),
      ...more,
      ...(WITH_REDIRECT.some((one) => one.id === id) && { redirect_uris: [redirectUri] }),
    })),
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, { uid }) => `${INTERACTION}${uid}` },
    renderError: errorPage,
    rotateRefreshToken: true,
    pkce: { required: (_context, client) => client.clientAuthMethod === 'none' },
    ttl: {
      AccessToken: HOUR,
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
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: codeEntered,
        userCodeConfirmSource: codeToConfirm,
        successSource: deviceDone,
      },
      dPoP: { enabled: true },
      // Not everybody may ask: an answer tells what the token of somebody else is good for.
      introspection: { enabled: true, allowedPolicy: (_context, client) => client.clientId === ORDERS_API.id },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        // A refresh or a code exchange without a resource means the one that was agreed to.
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
