import { POCKET_APP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { theft, tokensOrRefusal } from './tokens.ts'

export const pkce: Flow = {
  id: 'pkce',
  title: 'Authorization code with PKCE',
  who: 'An app on a phone or in a browser',
  summary: 'An app cannot keep a secret. It creates a new one for each sign-in, and sends only its hash ahead.',
  decidedBy: 'RFC 7636',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, POCKET_APP, { pkce: true })
    const thief = stage.client(POCKET_APP)
    let exchanged = false
    return {
      steps: () => [
        {
          id: 'address',
          title: 'Make a verifier, send its hash',
          text: 'The app creates a long random string, the verifier, and stores it. The address contains its SHA-256, the challenge, from which no one can compute the verifier (RFC 7636 §4).',
          controls: [button('begin', 'Build the address', authorization.request ? 'plain' : 'main')],
        },
        {
          id: 'person',
          title: 'Sign in and agree',
          text: 'As before. The authorization server stores the challenge with the code.',
          controls: authorization.leave('Go to the authorization server'),
        },
        {
          id: 'back',
          title: 'Come back with a code',
          text: 'On a phone, another app may register the same address and receive the code. Here you have it.',
          controls: authorization.forged(),
        },
        {
          id: 'exchange',
          title: 'Exchange code and verifier for tokens',
          text: 'The authorization server hashes the verifier and compares it with the challenge. First be the thief, who has only the code; then be the app.',
          controls: authorization.code
            ? [
                button('exchange', 'Exchange code and verifier', exchanged ? 'plain' : 'main'),
                ...(exchanged
                  ? []
                  : [
                      button('without', 'Steal: exchange the code without a verifier', 'attack'),
                      button('guessed', 'Steal: with a made-up verifier', 'attack'),
                    ]),
              ]
            : [],
        },
      ],
      actions: {
        async begin() {
          exchanged = false
          await authorization.begin('address')
          const { verifier = '' } = authorization.request ?? {}
          journal.add('address', {
            outcome: 'note',
            title: 'The app’s secret',
            text: 'The app sends the verifier only in the last step, directly to the authorization server. The challenge above is its SHA-256 in base64url.',
            details: [{ name: 'code_verifier', value: verifier, meaning: 'new for each sign-in (RFC 7636 §4.1)' }],
          })
        },
        without: () => steal(undefined),
        guessed: () => steal('a'.repeat(43)),
        async exchange() {
          const { code, request, client } = authorization
          if (code === undefined || request?.verifier === undefined) return
          const { verifier, nonce } = request
          const response = await client.exchangeCode(code, stage.redirectUri, { verifier, nonce })
          exchanged ||= response.ok
          const entry = tokensOrRefusal(journal, response, {
            title: 'Tokens',
            text: 'The hash of the verifier is the challenge. There is no Authorization header: the client has no secret, and sends its client ID in the form.',
            refused: 'A code works once (RFC 6749 §4.1.2).',
          })
          journal.add('exchange', entry)
        },
      },
      async callback(arrival) {
        await authorization.arrive(arrival, { person: 'person', back: 'back' })
      },
    }

    async function steal(verifier: string | undefined): Promise<void> {
      const { code } = authorization
      if (code === undefined) return
      const response = await thief.exchangeCode(code, stage.redirectUri, verifier === undefined ? {} : { verifier })
      const entry = theft('thief', response, 'The code is valid, but useless without the verifier (RFC 7636 §4.6).')
      journal.add('exchange', entry)
    }
  },
}
