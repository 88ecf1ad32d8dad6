import { randomUUID } from 'node:crypto'
import { RESOURCE } from '../../demo/orders.ts'
import type { Said } from '../client/oauth-client.ts'
import { STOCK_ROBOT, WEB_SHOP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'

export const errors: Flow = {
  id: 'errors',
  title: 'When there is no token',
  who: 'Anybody who writes a client',
  summary: 'The four refusals a client meets most, each of them real. What they have in common: no token.',
  decidedBy: 'RFC 6749 §4.1.2.1, RFC 6749 §5.2',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, WEB_SHOP, { pkce: false })
    return {
      steps: () => [
        {
          id: 'denied',
          title: 'access_denied: the person says no',
          text: 'Go there, and refuse on either page. This error comes by way of the browser, as the code would have.',
          controls: [
            button('begin', 'Build the address', authorization.request ? 'plain' : 'main'),
            ...authorization.leave('Go to the authorization server'),
          ],
        },
        {
          id: 'client',
          title: 'invalid_client: who are you?',
          text: 'The stock robot sends a wrong secret. Since it used the Authorization header, the answer is 401 with a challenge (RFC 6749 §5.2).',
          controls: [button('client', 'Send a wrong secret')],
        },
        {
          id: 'grant',
          title: 'invalid_grant: what you bring is not good',
          text: 'The web shop sends a refresh token that was never issued. Codes and refresh tokens that are used up, expired, revoked or of another client get the same answer.',
          controls: [button('grant', 'Send a made-up refresh token')],
        },
        {
          id: 'scope',
          title: 'invalid_scope: you may not even ask for that',
          text: 'The stock robot is registered for `read:orders` and asks for `write:orders`.',
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
            'Trying again will not help: somebody has to look at how this client is set up.',
          )
        },
        async grant() {
          note(
            'grant',
            await stage.client(WEB_SHOP).refresh(randomUUID()),
            'A client that gets this for its refresh token sends the person to sign in again.',
          )
        },
        async scope() {
          note(
            'scope',
            await stage.client(STOCK_ROBOT).clientCredentials({ scope: 'write:orders', resource: RESOURCE }),
            'The client asks for less, or gets registered for more.',
          )
        },
      },
      async callback(arrival) {
        await authorization.arrive(arrival, { person: 'denied', back: 'denied' })
      },
    }

    function note(step: string, said: Said<unknown>, advice: string): void {
      journal.add(step, {
        outcome: said.ok ? 'good' : 'refused',
        title: said.ok ? 'This should not happen' : `Refused: ${said.error}`,
        text: advice,
        facts: said.ok
          ? []
          : [
              { name: 'error', value: said.error, meaning: 'for programs (RFC 6749 §5.2)' },
              { name: 'error_description', value: said.description, meaning: 'for people who write clients' },
            ],
        exchanges: [said.exchange],
      })
    }
  },
}
