import { RESOURCE } from '../../demo/orders.ts'
import { STOCK_ROBOT } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { keptOrRefused } from './tokens.ts'

export const clientCredentials: Flow = {
  id: 'machine',
  title: 'Client credentials',
  who: 'A machine that acts for itself',
  summary: 'One request with the secret of the client, and no person anywhere.',
  decidedBy: 'RFC 6749 §4.4',
  begin(stage, journal) {
    const client = stage.client(STOCK_ROBOT)
    return {
      steps: () => [
        {
          id: 'token',
          title: 'Ask for a token',
          text: 'The stock robot sends its own name and secret. The token is about the robot: `sub` and `client_id` are the same. There is no refresh token, because the robot can ask again whenever it likes (RFC 6749 §4.4.3).',
          controls: [button('token', 'Ask for a token')],
        },
      ],
      actions: {
        async token() {
          const said = await client.clientCredentials({ scope: 'read:orders', resource: RESOURCE })
          const entry = keptOrRefused(journal, said, {
            title: 'An access token, and no refresh token',
            text: 'The secret went in `Authorization: Basic`: Base64 of name and secret, readable for whoever sees the request. TLS is what hides it (RFC 6749 §2.3.1).',
          })
          journal.add('token', entry)
        },
      },
    }
  },
}
