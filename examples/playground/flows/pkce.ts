import { POCKET_APP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { keptOrRefused, theft } from './tokens.ts'

export const pkce: Flow = {
  id: 'pkce',
  title: 'Authorization code with PKCE',
  who: 'An app on a phone or in a browser',
  summary: 'No secret can be kept in an app. A fresh one for each sign-in does it: only its hash travels ahead.',
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
          text: 'The app makes up a long random text, the verifier, and keeps it. Into the address goes its SHA-256, the challenge. Nobody can find the one from the other (RFC 7636 §4).',
          controls: [button('begin', 'Build the address', authorization.request ? 'plain' : 'main')],
        },
        {
          id: 'person',
          title: 'Sign in and agree',
          text: 'As before. The authorization server writes the challenge down beside the code that it makes.',
          controls: authorization.leave('Go to the authorization server'),
        },
        {
          id: 'back',
          title: 'Come back with a code',
          text: 'On a phone, another app may listen to the same address, and the code may be in its hands now. Here it is in yours.',
          controls: authorization.forged(),
        },
        {
          id: 'exchange',
          title: 'Trade code and verifier for tokens',
          text: 'The authorization server hashes the verifier and compares. First be the thief, who has the code only; then be the app.',
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
            title: 'What the app keeps to itself',
            text: 'The verifier leaves the app only in the last step, straight to the authorization server. The challenge above is its SHA-256 in base64url.',
            facts: [{ name: 'code_verifier', value: verifier, meaning: 'new for each sign-in (RFC 7636 §4.1)' }],
          })
        },
        without: () => steal(undefined),
        guessed: () => steal('a'.repeat(43)),
        async exchange() {
          const { code, request, client } = authorization
          if (code === undefined || request?.verifier === undefined) return
          const { verifier, nonce } = request
          const said = await client.exchangeCode(code, stage.redirectUri, { verifier, nonce })
          exchanged ||= said.ok
          const entry = keptOrRefused(journal, said, {
            title: 'Tokens',
            text: 'The hash of the verifier is the challenge. There is no Authorization field: the client has no secret, and says its name in the form.',
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
      const said = await thief.exchangeCode(code, stage.redirectUri, verifier === undefined ? {} : { verifier })
      const entry = theft('thief', said, 'The code is good, and still of no use without the verifier (RFC 7636 §4.6).')
      journal.add('exchange', entry)
    }
  },
}
