import { WEB_SHOP } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { keptOrRefused } from './tokens.ts'

export const refresh: Flow = {
  id: 'refresh',
  title: 'Refresh with rotation',
  who: 'A client whose person has gone home',
  summary: 'Access tokens are short-lived. A refresh token gets new ones, and each works once, so that theft shows.',
  decidedBy: 'RFC 6749 §6, RFC 9700 §4.14',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, WEB_SHOP, { pkce: false })
    const { client } = authorization
    /** The newest comes last. */
    let tokens: readonly string[] = []
    let stolen = false
    return {
      steps: () => [
        {
          id: 'first',
          title: 'Sign in once',
          text: 'The first pair of tokens comes by authorization code, as in the first flow; this time the code is exchanged without asking you.',
          controls: [
            button('begin', 'Build the address', authorization.request ? 'plain' : 'main'),
            ...authorization.leave('Go to the authorization server'),
          ],
        },
        {
          id: 'refresh',
          title: 'Trade the refresh token for a new pair',
          text: 'No browser, no person. The answer holds a new access token and a new refresh token; the old refresh token is used up (RFC 9700 §4.14.2).',
          controls: tokens.length === 0 ? [] : [button('refresh', 'Refresh', tokens.length > 1 ? 'plain' : 'main')],
        },
        {
          id: 'reuse',
          title: 'Use the old one again',
          text: 'Say that somebody has copied the old refresh token. Thief and client look alike to the authorization server, so a second use of a used-up token means: one of the two is a thief, take everything back.',
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
            'The old refresh token is dead from this moment. The old access token is a JWT, and good until it expires.',
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
        const { nonce } = authorization.request
        const said = await client.exchangeCode(callback.parameters, stage.redirectUri, { nonce })
        if (said.ok) tokens = [said.result.refresh_token ?? '']
        const entry = keptOrRefused(journal, said, {
          title: 'The first pair',
          text: 'There is a refresh token in it because the client asked for `offline_access`, and Alice agreed.',
        })
        journal.add('first', entry)
      },
    }

    async function use(step: string, token: string | undefined, title: string, text: string): Promise<void> {
      if (token === undefined) return
      const said = await client.refresh(token)
      if (said.ok) tokens = [...tokens, said.result.refresh_token ?? '']
      journal.add(step, keptOrRefused(journal, said, { title, text, refused: TAKEN_BACK }))
    }
  },
}

const TAKEN_BACK =
  'The whole family of tokens is taken back: neither the thief nor the client can refresh any more, and Alice has to sign in again. Access tokens that are out stay good until they expire, which is why their life is short (RFC 9700 §4.14.2).'
