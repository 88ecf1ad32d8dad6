import { WEB_SHOP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { keptOrRefused } from './tokens.ts'

export const code: Flow = {
  id: 'code',
  title: 'Authorization code',
  who: 'A web server with a secret',
  summary: 'A person signs in elsewhere and agrees; the web server gets a code, and trades it for a token.',
  decidedBy: 'RFC 6749 §4.1',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, WEB_SHOP, { pkce: false })
    let exchanged = false
    return {
      steps: () => [
        {
          id: 'address',
          title: 'Send the browser off',
          text: 'The web shop wants to see your orders. It never asks for your password: it sends your browser to the authorization server, with an address that says what it wants.',
          controls: [button('begin', 'Build the address', authorization.request ? 'plain' : 'main')],
        },
        {
          id: 'person',
          title: 'Sign in and agree',
          text: 'These pages belong to the authorization server. You may withhold a scope there, and see in the end what the API makes of it.',
          controls: authorization.leave('Go to the authorization server'),
        },
        {
          id: 'back',
          title: 'Come back with a code',
          text: 'The authorization server sends the browser to the `redirect_uri`. The client first compares the `state` with what it remembers for this browser.',
          controls: authorization.forged(),
        },
        {
          id: 'exchange',
          title: 'Trade the code for tokens',
          text: 'This request goes from server to server; the browser does not see it. The secret of the client makes a code that somebody has read on the way useless to them (RFC 6749 §4.1.3). Today PKCE is asked of such clients as well (RFC 9700 §2.1.1): that is the next flow.',
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
      const said = await client.exchangeCode(code, stage.redirectUri, { nonce: request.nonce })
      exchanged ||= said.ok
      const entry = keptOrRefused(journal, said, {
        title: 'Tokens',
        text: 'The client has what it came for. What it holds is in the inspector.',
        refused:
          'A code works once. That it comes a second time means that two parties have it, so the authorization server also takes back what it gave for it: the refresh token is dead. The access token is a JWT and lives on until it expires (RFC 6749 §4.1.2).',
      })
      journal.add('exchange', entry)
    }
  },
}
