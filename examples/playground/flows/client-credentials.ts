import { RESOURCE } from '../../demo/orders.ts'
import { STOCK_ROBOT } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { tokensOrRefusal } from './tokens.ts'

export const clientCredentials: Flow = {
  id: 'machine',
  title: 'Client credentials',
  who: 'A machine that acts on its own behalf',
  summary: 'One request with the client secret, and no user.',
  decidedBy: 'RFC 6749 §4.4',
  begin(stage, journal) {
    const client = stage.client(STOCK_ROBOT)
    return {
      steps: () => [
        {
          id: 'token',
          title: 'The robot asks for a token',
          text: 'The stock robot sends its client ID and secret. The robot is the subject of the token: `sub` and `client_id` are the same. There is no refresh token, because the robot can request a new token at any time (RFC 6749 §4.4.3).',
          controls: [button('token', 'Ask for a token')],
        },
      ],
      actions: {
        async token() {
          const response = await client.clientCredentials({ scope: 'read:orders', resource: RESOURCE })
          const entry = tokensOrRefusal(journal, response, {
            title: 'An access token, and no refresh token',
            text: 'The secret is in `Authorization: Basic`: Base64 of client ID and secret, readable for anyone who sees the request. Only TLS hides it (RFC 6749 §2.3.1).',
          })
          journal.add('token', entry)
        },
      },
    }
  },
}
