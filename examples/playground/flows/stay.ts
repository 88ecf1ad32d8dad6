import type { TokenEndpointResponse } from 'oauth4webapi'
import { type Session, signedIn } from '../client/session.ts'
import { NOTEBOOK, SHORT } from '../clients.ts'
import { button, type Detail, type Flow } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { storeTokens, tokensOrRefusal } from './tokens.ts'

/** Concurrent requests, such as those of a page with many parts. */
const MANY = 20

export const stay: Flow = {
  id: 'stay',
  title: 'Staying signed in',
  who: 'A web application with many requests',
  summary: `Access tokens live for ${SHORT} seconds here. The client refreshes them itself, once for all requests that need a new one.`,
  decidedBy: 'RFC 6749 §6, RFC 9700 §4.14',
  begin(stage, journal) {
    const authorization = new Authorization(stage, journal, NOTEBOOK, { pkce: true })
    let session: Session | undefined
    return {
      steps: () => [
        {
          id: 'first',
          title: 'You sign in once',
          text: 'An authorization code with PKCE gets the first pair of tokens, as in the first flow; this time the client exchanges it automatically.',
          controls: [
            button('begin', 'Build the address', authorization.request ? 'plain' : 'main'),
            ...authorization.leave('Go to the authorization server'),
          ],
        },
        {
          id: 'call',
          title: 'The client refreshes before the token expires',
          text: `Do this now, again at once, and again after ${SHORT} seconds. Before each request, the client looks at the time that it calculated from \`expires_in\`: it need not wait for a 401.`,
          controls: session ? [button('call', 'Call the API')] : [],
        },
        {
          id: 'many',
          title: `${MANY} requests at once share one refresh`,
          text: 'The client waits until its token has expired, then sends them all at the same time. The first that needs a token starts the refresh; the others wait for the same promise.',
          controls: session ? [button('many', `Send ${MANY} requests at once`)] : [],
        },
        {
          id: 'each',
          title: 'Without sharing, the client looks like a thief',
          text: `The same mistake is in many programs: each of the ${MANY} requests refreshes for itself, with the same refresh token. The authorization server cannot tell this from a theft.`,
          controls: session ? [button('each', 'Let each request refresh for itself', 'attack')] : [],
        },
      ],
      actions: {
        async begin() {
          session = undefined
          await authorization.begin('first')
        },
        call: () => send('call', 1),
        async many() {
          await session?.expiry()
          await send('many', MANY)
        },
        each,
      },
      async callback(arrival) {
        const callback = await authorization.arrive(arrival, { person: 'first', back: 'first' })
        const { request } = authorization
        if (callback?.kind !== 'code' || request?.verifier === undefined) return
        const { nonce, verifier } = request
        const response = await authorization.client.exchangeCode(callback.parameters, stage.redirectUri, {
          nonce,
          verifier,
        })
        if (response.ok) session = signedIn(authorization.client, response.result, store)
        const entry = tokensOrRefusal(journal, response, {
          title: 'The first pair',
          text: 'The refresh token is the valuable one: it stays on the server of the client, never in a browser.',
        })
        journal.add('first', entry)
      },
    }

    function store(tokens: TokenEndpointResponse): void {
      storeTokens(journal, tokens)
    }

    async function send(step: string, count: number): Promise<void> {
      if (session === undefined) return
      const left = session.secondsLeft()
      const { refreshes, calls, refused } = await session.call(
        Array.from({ length: count }, (_, index) => stage.apis[index % stage.apis.length]),
      )
      const accepted = calls.filter(({ status }) => status === 200).length
      const refreshed = refreshes.length === 0 ? 'no refresh' : `${refreshes.length} refresh`
      journal.add(step, {
        outcome: accepted === count ? 'good' : 'refused',
        title: refused
          ? `Signed out: ${refused}`
          : `${accepted} of ${count} accepted, ${refreshed}${refreshes.length > 1 ? 'es' : ''}`,
        text: refused
          ? 'The authorization server no longer accepts the refresh token, so the client cannot get an access token. You must sign in again.'
          : refreshes.length === 0
            ? `The token was valid for ${left.toFixed(0)} more seconds, so there was nothing to refresh.`
            : 'The refresh came first, and the new pair was stored before it was used: if the program stopped in between, the old refresh token would already be worthless.',
        details: counted({ requests: count, refreshes: refreshes.length, accepted }),
        exchanges: [...refreshes, ...calls.slice(0, 1).map(({ exchange }) => exchange)],
      })
    }

    async function each(): Promise<void> {
      if (session === undefined) return
      const results = await session.refreshSeparately(MANY)
      const last = await session.refreshOnce()
      const good = results.filter(({ ok }) => ok).length
      const refusal = results.find(({ ok }) => !ok)
      if (!last.ok) session = undefined
      journal.add('each', {
        outcome: 'refused',
        title: last.ok ? 'This server accepted them all' : 'Signed out: the server saw a refresh token twice',
        text: last.ok
          ? 'Other servers would have revoked everything (RFC 9700 §4.14.2).'
          : `${good} of ${MANY} got a pair before the server noticed that the same refresh token came again. Then it revoked the whole family, also the newest one: nothing can be refreshed any more, and you must sign in again (RFC 9700 §4.14.2).`,
        details: counted({ refreshes: MANY, accepted: good, 'accepted afterwards': last.ok ? 1 : 0 }),
        exchanges: [...(refusal ? [refusal.exchange] : []), last.exchange],
      })
    }
  },
}

const counted = (counts: Readonly<Record<string, number>>): Detail[] =>
  Object.entries(counts).map(([name, value]) => ({ name, value: String(value), meaning: COUNTS[name] ?? '' }))

const COUNTS: Readonly<Record<string, string>> = {
  requests: 'to the API, at the same time',
  refreshes: 'requests to the token endpoint with the refresh token',
  accepted: 'successful responses',
  'accepted afterwards': 'a last refresh with the newest refresh token',
}
