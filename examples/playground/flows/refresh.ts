import { WEB_SHOP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { tokensOrRefusal } from './tokens.ts'

export const refresh: Flow = {
  id: 'refresh',
  title: 'Refresh with rotation',
  who: 'A client whose user is away',
  summary:
    'Access tokens are short-lived. A refresh token gets new ones. It works only once, so a stolen one is noticed.',
  decidedBy: 'RFC 6749 §6, RFC 9700 §4.14',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, WEB_SHOP, { pkce: true })
    const { client } = authorization
    /** The newest is last. */
    let tokens: readonly string[] = []
    let stolen = false
    return {
      steps: () => [
        {
          id: 'first',
          title: 'You sign in once',
          text: 'An authorization code gets the first pair of tokens, as in the first flow; this time the client exchanges it automatically.',
          controls: [
            button('begin', 'Build the address', authorization.request ? 'plain' : 'main'),
            ...authorization.leave('Go to the authorization server'),
          ],
        },
        {
          id: 'refresh',
          title: 'The client exchanges its refresh token for a new pair',
          text: 'No browser, no user. The response contains a new access token and a new refresh token; the old refresh token is invalidated (RFC 9700 §4.14.2).',
          controls: tokens.length === 0 ? [] : [button('refresh', 'Refresh', tokens.length > 1 ? 'plain' : 'main')],
        },
        {
          id: 'reuse',
          title: 'A thief uses the old refresh token',
          text: 'A thief has copied the old refresh token. The authorization server cannot tell thief and client apart, so when a used token returns, it revokes everything.',
          controls:
            tokens.length < 2
              ? []
              : [
                  button('reuse', 'Use the old refresh token', 'attack'),
                  ...(stolen ? [button('newest', 'Try the newest one', 'plain')] : []),
                ],
        },
      ],
      actions: {
        async begin() {
          tokens = []
          stolen = false
          await authorization.begin('first')
        },
        refresh: () =>
          use(
            'refresh',
            tokens.at(-1),
            'A new pair',
            'The old refresh token no longer works. The old access token is a JWT, valid until it expires.',
          ),
        async reuse() {
          stolen = true
          await use('reuse', tokens.at(-2), 'The old one still works', 'This should not happen.')
        },
        newest: () => use('reuse', tokens.at(-1), 'The newest one still works', 'This should not happen.'),
      },
      async callback(arrival) {
        const callback = await authorization.arrive(arrival, { person: 'first', back: 'first' })
        if (callback?.kind !== 'code' || authorization.request === undefined) return
        const { nonce, verifier = '' } = authorization.request
        const response = await client.exchangeCode(callback.parameters, stage.redirectUri, { nonce, verifier })
        if (response.ok) tokens = [response.result.refresh_token ?? '']
        const entry = tokensOrRefusal(journal, response, {
          title: 'The first pair',
          text: 'It contains a refresh token because the client requested `offline_access`, and Alice consented.',
        })
        journal.add('first', entry)
      },
    }

    async function use(step: string, token: string | undefined, title: string, text: string): Promise<void> {
      if (token === undefined) return
      const response = await client.refresh(token)
      if (response.ok) tokens = [...tokens, response.result.refresh_token ?? '']
      journal.add(step, tokensOrRefusal(journal, response, { title, text, refused: TAKEN_BACK }))
    }
  },
}

const TAKEN_BACK =
  'The whole family of tokens is revoked: neither the thief nor the client can refresh any more, and Alice must sign in again. Issued access tokens stay valid until they expire, so their lifetime is short (RFC 9700 §4.14.2).'
