import { RESOURCE } from '../../demo/orders.ts'
import { ORDERS_API, TILL } from '../clients.ts'
import { button, type Fact, type Flow } from '../flow.ts'
import { CACHED } from '../protection.ts'
import { factsOf, keepAll } from './tokens.ts'

export const opaque: Flow = {
  id: 'opaque',
  title: 'Introspection and revocation',
  who: 'Tokens that must be taken back at once',
  summary: 'An opaque token says nothing. The API asks what it stands for, and learns when it has been revoked.',
  decidedBy: 'RFC 7662, RFC 7009',
  begin(stage, journal) {
    const till = stage.client(TILL)
    const api = stage.client(ORDERS_API)
    let token: string | undefined
    return {
      steps: () => [
        {
          id: 'token',
          title: 'Ask for a token',
          text: 'The till asks by client credentials, as the stock robot did. For this client, the authorization server gives out a random text and keeps to itself what it means.',
          controls: [button('token', 'Ask for a token', token ? 'plain' : 'main')],
        },
        {
          id: 'introspect',
          title: 'Ask what it stands for',
          text: 'This is what the API does when it sees the token, with a name and a secret of its own, for not everybody may ask. Do it by hand now, and again after the next step.',
          controls: token ? [button('introspect', 'Introspect the token')] : [],
        },
        {
          id: 'revoke',
          title: 'Take it back',
          text: `First present the token below, so that the API knows it. Then revoke it here, and present it again: for ${CACHED} seconds GET /orders goes by what it was told. POST /payments insists on a fresh answer, and what it learns the other routes know as well.`,
          controls: token ? [button('revoke', 'Revoke the token')] : [],
        },
      ],
      actions: {
        async token() {
          const said = await till.clientCredentials({ scope: 'read:orders write:orders', resource: RESOURCE })
          if (!said.ok) throw new Error(said.error)
          keepAll(journal, said.result)
          token = said.result.access_token
          journal.add('token', {
            outcome: 'good',
            title: 'An opaque access token',
            text: 'To the client it makes no difference: it never looked into its tokens.',
            facts: factsOf(said.result),
            exchanges: [said.exchange],
          })
        },
        async introspect() {
          if (token === undefined) return
          const said = await api.introspect(token)
          if (!said.ok) throw new Error(said.error)
          const { active } = said.result
          journal.add('introspect', {
            outcome: active ? 'good' : 'refused',
            title: active ? 'Active, and this is what it stands for' : 'Not active',
            text: active
              ? 'The answer says what a JWT would say in its claims. The API checks the audience and the times in it as well.'
              : 'No more than that is said: whether the token expired, was revoked or never existed is nobody’s business (RFC 7662 §2.2).',
            facts: Object.entries(said.result).map(factOf),
            exchanges: [{ ...said.exchange, from: 'API' }],
          })
        },
        async revoke() {
          if (token === undefined) return
          const said = await till.revoke(token)
          journal.add('revoke', {
            outcome: said.ok ? 'good' : 'refused',
            title: said.ok ? 'Revoked' : `Refused: ${said.error}`,
            text: said.ok
              ? 'The answer is 200 for a token that nobody knows, too: what was to be reached is reached (RFC 7009 §2.2).'
              : said.description,
            exchanges: [said.exchange],
          })
        },
      },
    }
  },
}

const MEANING: Readonly<Record<string, string>> = {
  active: 'the only member that must be there (RFC 7662 §2.2)',
  client_id: 'who uses it',
  scope: 'what it permits',
  exp: 'when it ends, in seconds since 1970',
  iat: 'when it was issued',
  iss: 'who issued it',
  aud: 'for whom it is',
  sub: 'whom it is about',
  token_type: 'how it is presented',
}

const factOf = ([name, value]: [string, unknown]): Fact => ({
  name,
  value: typeof value === 'string' ? value : JSON.stringify(value),
  meaning: MEANING[name] ?? '',
})
