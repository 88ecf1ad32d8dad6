import { RESOURCE } from '../../demo/orders.ts'
import { ORDERS_API, TILL } from '../clients.ts'
import { button, type Detail, type Flow } from '../flow.ts'
import { CACHED } from '../protection.ts'
import { detailsOf, storeTokens } from './tokens.ts'

export const opaque: Flow = {
  id: 'opaque',
  title: 'Introspection and revocation',
  who: 'Tokens that can be revoked at once',
  summary: 'An opaque token contains no information. The API introspects it, and so notices its revocation.',
  decidedBy: 'RFC 7662, RFC 7009',
  begin(stage, journal) {
    const till = stage.client(TILL)
    const api = stage.client(ORDERS_API)
    let token: string | undefined
    return {
      steps: () => [
        {
          id: 'token',
          title: 'The till asks for a token',
          text: 'The till uses client credentials, like the stock robot. For this client, the authorization server issues a random string and stores the token’s data itself.',
          controls: [button('token', 'Ask for a token', token ? 'plain' : 'main')],
        },
        {
          id: 'introspect',
          title: 'The API introspects the token',
          text: 'The API does this when it receives the token. It authenticates with its own client ID and secret, because not every client may introspect. Do it by hand now, and again after the next step.',
          controls: token ? [button('introspect', 'Introspect the token')] : [],
        },
        {
          id: 'revoke',
          title: 'The till revokes the token',
          text: `First send the token to the API below, so that the API caches the introspection response. Then revoke it here, and send it again: GET /orders uses the cached response for ${CACHED} seconds. POST /payments always introspects again, and updates the cache for all routes.`,
          controls: token ? [button('revoke', 'Revoke the token')] : [],
        },
      ],
      actions: {
        async token() {
          const response = await till.clientCredentials({ scope: 'read:orders write:orders', resource: RESOURCE })
          if (!response.ok) throw new Error(response.error)
          storeTokens(journal, response.result)
          token = response.result.access_token
          journal.add('token', {
            outcome: 'good',
            title: 'An opaque access token',
            text: 'It makes no difference to the client, which never reads its tokens.',
            details: detailsOf(response.result),
            exchanges: [response.exchange],
          })
        },
        async introspect() {
          if (token === undefined) return
          const response = await api.introspect(token)
          if (!response.ok) throw new Error(response.error)
          const { active } = response.result
          journal.add('introspect', {
            outcome: active ? 'good' : 'refused',
            title: active ? 'Active, with its data' : 'Not active',
            text: active
              ? 'The response contains what a JWT has in its claims. The API checks its audience and times as well.'
              : 'The response contains nothing else: it does not reveal whether the token expired, was revoked or never existed (RFC 7662 §2.2).',
            details: Object.entries(response.result).map(detailOf),
            exchanges: [{ ...response.exchange, from: 'API' }],
          })
        },
        async revoke() {
          if (token === undefined) return
          const response = await till.revoke(token)
          journal.add('revoke', {
            outcome: response.ok ? 'good' : 'refused',
            title: response.ok ? 'Revoked' : `Refused: ${response.error}`,
            text: response.ok
              ? 'The response is 200 for an unknown token too: such a token is already unusable (RFC 7009 §2.2).'
              : response.description,
            exchanges: [response.exchange],
          })
        },
      },
    }
  },
}

const MEANING: Readonly<Record<string, string>> = {
  active: 'the only required member (RFC 7662 §2.2)',
  client_id: 'the client that uses it',
  scope: 'what it permits',
  exp: 'when it expires, in seconds since 1970',
  iat: 'when it was issued',
  iss: 'its issuer',
  aud: 'the API it is for',
  sub: 'its subject',
  token_type: 'how to use it',
}

const detailOf = ([name, value]: [string, unknown]): Detail => ({
  name,
  value: typeof value === 'string' ? value : JSON.stringify(value),
  meaning: MEANING[name] ?? '',
})
