import { randomUUID } from 'node:crypto'
import {
  ALGORITHM,
  type AuthorizationServer,
  type Settings,
  startAuthorizationServer,
} from '../../demo/authorization-server.ts'
import { SCOPES } from '../../demo/orders.ts'
import { errorPage } from '../../playground/people/error-page.ts'
import { INTERACTION, peopleInFront } from '../../playground/people/front.ts'
import { html, page } from '../../playground/people/html.ts'
import { Trail } from '../../playground/people/trail.ts'

export interface LocalClient {
  readonly id: string
  readonly secret: string
  /** The origin of the client. */
  readonly origin: URL
  readonly callback: string
  /** Seconds for which its access tokens live. */
  readonly lifetime: number
}

/** An authorization server on loopback with one user and one client, for trying out. In production this is your provider. */
export const startLocalServer = (client: LocalClient): Promise<AuthorizationServer> =>
  startAuthorizationServer(settingsFor(client), peopleInFront(client.origin.origin, new Trail()))

const HOUR = 3600

const settingsFor =
  ({ id, secret, origin, callback, lifetime }: LocalClient): Settings =>
  (keys) => ({
    jwks: { keys: [...keys] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    clients: [
      {
        client_id: id,
        client_secret: secret,
        client_name: 'Order book',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [new URL(callback, origin).href],
        post_logout_redirect_uris: [new URL('/signed-out', origin).href],
      },
    ],
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, { uid }) => `${INTERACTION}${uid}` },
    renderError: errorPage,
    rotateRefreshToken: true,
    // Without this scope there is no refresh token, so "stay signed in" is the user's choice.
    issueRefreshToken: (_context, _client, code) => code.scopes.has('offline_access'),
    pkce: { required: () => true },
    ttl: {
      AccessToken: lifetime,
      AuthorizationCode: 60,
      Grant: 24 * HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: 24 * HOUR,
      Session: 24 * HOUR,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_context, one, token) => token.clientId === one.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.type = 'html'
          // The form has a fixed id, and no buttons.
          context.body = page(
            'Sign out here too?',
            html`<p>Order book has signed you out. Your session at this server continues unless you end it.</p>`,
          ).replace(
            '</main>',
            `${form}<div class="choices"><button form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button form="op.logoutForm" class="quiet">Stay signed in here</button></div></main>`,
          )
        },
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPES.join(' '),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: ALGORITHM } },
        }),
      },
    },
  })
