import { WEB_SHOP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { tokensOrRefusal } from './tokens.ts'

export const code: Flow = {
  id: 'code',
  title: 'Code without PKCE',
  who: 'An older web server with a secret',
  summary: 'As it was before RFC 9700: only the client secret protects the code. New clients use PKCE as well.',
  decidedBy: 'RFC 6749 §4.1',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, WEB_SHOP, { pkce: false })
    let exchanged = false
    return {
      steps: () => [
        {
          id: 'address',
          title: 'The client sends your browser to the authorization server',
          text: 'The web shop wants to see your orders. It never asks for your password, but sends your browser to the authorization server with its request in the address.',
          controls: [button('begin', 'Build the address', authorization.request ? 'plain' : 'main')],
        },
        {
          id: 'person',
          title: 'You sign in and consent there',
          text: 'These pages belong to the authorization server. You may withhold a scope there, and see how the API responds to that.',
          controls: authorization.leave('Go to the authorization server'),
        },
        {
          id: 'back',
          title: 'The browser comes back with a code',
          text: 'The authorization server sends the browser to the `redirect_uri`. The client first compares the `state` with the one it stored for this browser.',
          controls: authorization.forged(),
        },
        {
          id: 'exchange',
          title: 'The client exchanges the code for tokens',
          text: 'This request goes from server to server; the browser does not see it. A stolen code is useless without the client secret (RFC 6749 §4.1.3). But anyone who puts a stolen code into their own session at this client gets in: PKCE prevents that (RFC 9700 §2.1.1).',
          controls: authorization.code
            ? [
                button('exchange', 'Exchange the code', exchanged ? 'plain' : 'main'),
                ...(exchanged ? [button('again', 'Use the same code again', 'attack')] : []),
              ]
            : [],
        },
      ],
      actions: {
        begin: async () => {
          exchanged = false
          await authorization.begin('address')
        },
        exchange,
        again: exchange,
      },
      async callback(arrival) {
        await authorization.arrive(arrival, { person: 'person', back: 'back' })
      },
    }

    async function exchange(): Promise<void> {
      const { code, request, client } = authorization
      if (code === undefined || request === undefined) return
      const response = await client.exchangeCode(code, stage.redirectUri, { nonce: request.nonce })
      exchanged ||= response.ok
      const entry = tokensOrRefusal(journal, response, {
        title: 'Tokens',
        text: 'The client has its tokens. See them in the inspector.',
        refused:
          'A code works once. If it is used a second time, two parties have it, so the authorization server also revokes the tokens it issued for it: the refresh token is revoked. The access token is a JWT and stays valid until it expires (RFC 6749 §4.1.2).',
      })
      journal.add('exchange', entry)
    }
  },
}
