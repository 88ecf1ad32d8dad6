import { randomUUID } from 'node:crypto'
import { RESOURCE } from '../../demo/orders.ts'
import type { ServerResult } from '../client/speak.ts'
import { STOCK_ROBOT, WEB_SHOP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'

export const errors: Flow = {
  id: 'errors',
  title: 'When there is no token',
  who: 'Everyone who writes a client',
  summary: 'The four most common refusals of a token request, each of them real.',
  decidedBy: 'RFC 6749 §4.1.2.1, RFC 6749 §5.2',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, WEB_SHOP, { pkce: false })
    return {
      steps: () => [
        {
          id: 'denied',
          title: 'access_denied: the user says no',
          text: 'Go there, and deny on either page. The browser brings this error, as it would have brought the code.',
          controls: [
            button('begin', 'Build the address', authorization.request ? 'plain' : 'main'),
            ...authorization.leave('Go to the authorization server'),
          ],
        },
        {
          id: 'client',
          title: 'invalid_client: who are you?',
          text: 'The stock robot sends a wrong secret. Because it uses the Authorization header, the response is 401 with a challenge (RFC 6749 §5.2).',
          controls: [button('client', 'Send a wrong secret')],
        },
        {
          id: 'grant',
          title: 'invalid_grant: the code or refresh token is not valid',
          text: 'The web shop sends a refresh token that was never issued. Codes and refresh tokens that are used, expired, revoked or of another client get the same response.',
          controls: [button('grant', 'Send a made-up refresh token')],
        },
        {
          id: 'scope',
          title: 'invalid_scope: the client may not request that',
          text: 'The stock robot is registered for `read:orders` and requests `write:orders`.',
          controls: [button('scope', 'Ask for too much')],
        },
      ],
      actions: {
        begin: () => authorization.begin('denied'),
        async client() {
          const impostor = stage.client({ ...STOCK_ROBOT, secret: randomUUID() })
          note(
            'client',
            await impostor.clientCredentials({ scope: 'read:orders', resource: RESOURCE }),
            'A retry does not help: the client’s configuration is wrong.',
          )
        },
        async grant() {
          note(
            'grant',
            await stage.client(WEB_SHOP).refresh(randomUUID()),
            'A client that gets this for its refresh token must have the user sign in again.',
          )
        },
        async scope() {
          note(
            'scope',
            await stage.client(STOCK_ROBOT).clientCredentials({ scope: 'write:orders', resource: RESOURCE }),
            'Request less, or register the client for more.',
          )
        },
      },
      async callback(arrival) {
        await authorization.arrive(arrival, { person: 'denied', back: 'denied' })
      },
    }

    function note(step: string, response: ServerResult<unknown>, advice: string): void {
      journal.add(step, {
        outcome: response.ok ? 'good' : 'refused',
        title: response.ok ? 'This should not happen' : `Refused: ${response.error}`,
        text: advice,
        details: response.ok
          ? []
          : [
              { name: 'error', value: response.error, meaning: 'for programs (RFC 6749 §5.2)' },
              { name: 'error_description', value: response.description, meaning: 'for client developers' },
            ],
        exchanges: [response.exchange],
      })
    }
  },
}
