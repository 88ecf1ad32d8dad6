import type { Registration } from '../clients.ts'
import { button, type Flow, type Step } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { type Kind, registerClient } from './registration.ts'
import { theft, tokensOrRefusal } from './tokens.ts'

export const pkce: Flow = {
  id: 'pkce',
  title: 'Authorization code with PKCE',
  who: 'Every client whose user signs in',
  summary:
    'A web server, a phone app or a page: the user signs in elsewhere, the client gets a code, and only this client can exchange it, because only it has the verifier.',
  decidedBy: 'RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.1',
  begin(stage, journal) {
    let registration: Registration | undefined
    let authorization: Authorization | undefined
    let exchanged = false
    return {
      steps: () => [
        {
          id: 'register',
          title: 'Register the client',
          text: 'Before anything else, the authorization server must know the client, and where it may send the browser back. Choose what you build: of the two, only the web server can keep a secret.',
          controls: [
            button('web', 'Register a web server', registration ? 'plain' : 'main'),
            button('app', 'Register an app', registration ? 'plain' : 'main'),
          ],
        },
        {
          id: 'address',
          title: 'The client makes a verifier, and sends its hash ahead',
          text: 'The verifier is a long random string that the client stores. The address contains only its SHA-256, the challenge, from which no one can compute the verifier (RFC 7636 §4).',
          controls: authorization
            ? [button('begin', 'Build the address', authorization.request ? 'plain' : 'main')]
            : [],
        },
        {
          id: 'person',
          title: 'You sign in and consent, at the authorization server',
          text: 'The client never sees your password. You may withhold a scope there, and see how the API responds to that. The server stores the challenge with the code.',
          controls: authorization?.leave('Go to the authorization server') ?? [],
        },
        {
          id: 'back',
          title: 'The browser comes back with a code',
          text: 'The client first compares the `state` with the one it stored for this browser. Someone else may have seen the code on the way: in a log, in the history, or in another app that opens the same address.',
          controls: authorization?.forged() ?? [],
        },
        exchangeStep(),
      ],
      actions: {
        web: () => begin('confidential'),
        app: () => begin('public'),
        async begin() {
          if (authorization === undefined) return
          exchanged = false
          await authorization.begin('address')
          const { verifier = '' } = authorization.request ?? {}
          journal.add('address', {
            outcome: 'note',
            title: 'The secret of this one sign-in',
            text: 'The client sends the verifier only in the last step, directly to the authorization server. The challenge above is its SHA-256 in base64url.',
            details: [{ name: 'code_verifier', value: verifier, meaning: 'new for each sign-in (RFC 7636 §4.1)' }],
          })
        },
        async without() {
          const { code } = authorization ?? {}
          if (code === undefined || registration === undefined) return
          const { secret, ...stolen } = registration
          const response = await stage.client(stolen).exchangeCode(code, stage.redirectUri)
          const why = secret
            ? 'The thief has neither the secret nor the verifier (RFC 6749 §4.1.3).'
            : 'The code is valid, but useless without the verifier (RFC 7636 §4.6).'
          journal.add('exchange', theft('thief', response, why))
        },
        async guessed() {
          const { code, client } = authorization ?? {}
          if (code === undefined || client === undefined) return
          const response = await client.exchangeCode(code, stage.redirectUri, { verifier: 'a'.repeat(43) })
          const why = registration?.secret
            ? 'The thief signs in at the client, and puts the stolen code into that session. The client sends its own secret, but the verifier of another sign-in: only PKCE notices (RFC 9700 §4.5).'
            : 'The hash of another verifier is not the challenge (RFC 7636 §4.6).'
          journal.add('exchange', theft('thief', response, why))
        },
        exchange,
        again: exchange,
      },
      async callback(arrival) {
        await authorization?.arrive(arrival, { person: 'person', back: 'back' })
      },
    }

    async function begin(kind: Kind): Promise<void> {
      const { registration: fresh, entry } = await registerClient(stage, kind)
      registration = fresh
      authorization = new Authorization(stage, journal, fresh, { pkce: true })
      exchanged = false
      journal.add('register', entry)
    }

    function exchangeStep(): Step {
      const steal = registration?.secret
        ? [
            button('without', 'Steal: exchange the code without secret and verifier', 'attack'),
            button('guessed', 'Steal: use the code in another session of the client', 'attack'),
          ]
        : [
            button('without', 'Steal: exchange the code without a verifier', 'attack'),
            button('guessed', 'Steal: with a made-up verifier', 'attack'),
          ]
      return {
        id: 'exchange',
        title: 'The client exchanges code and verifier for tokens',
        text: 'This request goes directly to the authorization server, which hashes the verifier and compares it with the challenge. First be a thief, who has only the code; then be the client.',
        controls: authorization?.code
          ? [
              button('exchange', 'Exchange code and verifier', exchanged ? 'plain' : 'main'),
              ...(exchanged ? [button('again', 'Use the same code again', 'attack')] : steal),
            ]
          : [],
      }
    }

    async function exchange(): Promise<void> {
      const { code, request, client } = authorization ?? {}
      if (code === undefined || request?.verifier === undefined || client === undefined) return
      const { verifier, nonce } = request
      const response = await client.exchangeCode(code, stage.redirectUri, { verifier, nonce })
      exchanged ||= response.ok
      const entry = tokensOrRefusal(journal, response, {
        title: 'Tokens',
        text: registration?.secret
          ? 'The hash of the verifier is the challenge, and the secret in `Authorization: Basic` is the client’s. See the tokens in the inspector.'
          : 'The hash of the verifier is the challenge. There is no Authorization header: the client has no secret, and sends its client ID in the form.',
        refused:
          'A code works once. If it is used a second time, two parties have it, so the authorization server also revokes the refresh token it issued for it (RFC 6749 §4.1.2).',
      })
      journal.add('exchange', entry)
    }
  },
}
