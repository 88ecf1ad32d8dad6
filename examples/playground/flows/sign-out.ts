import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { TokenEndpointResponse } from 'oauth4webapi'
import { present, ROUTES } from '../api/present.ts'
import { openStream, type Stream } from '../client/stream.ts'
import { ORDER_BOARD } from '../clients.ts'
import { type ActiveFlow, button, type Detail, type Flow, link } from '../flow.ts'
import { Authorization } from './authorization.ts'
import { tokensOrRefusal } from './tokens.ts'

/** Milliseconds to wait for the end of the stream, which comes at once. */
const MAX_WAIT = 5000

const [READ] = ROUTES

export const signOut: Flow = {
  id: 'sign-out',
  title: 'Signing out everywhere',
  who: 'A web application with open connections',
  summary:
    'A JWT is valid until it expires, and an open connection even longer. Here the authorization server tells the API that the user has signed out: the next request is refused, and the stream closes.',
  decidedBy: 'OpenID Connect Back-Channel Logout 1.0, RP-Initiated Logout 1.0',
  begin(stage, journal): ActiveFlow {
    const authorization = new Authorization(stage, journal, ORDER_BOARD, { pkce: true })
    let tokens: TokenEndpointResponse | undefined
    let stream: Stream | undefined
    let leaving: string | undefined
    let isOver = false
    return {
      steps: () => [
        {
          id: 'in',
          title: 'You sign in',
          text: 'An authorization code with PKCE, as in the first flow. The claim `sid` of the access token names your session.',
          controls: [
            button('begin', 'Build the address', authorization.request ? 'plain' : 'main'),
            ...authorization.leave('Go to the authorization server'),
          ],
        },
        {
          id: 'open',
          title: 'The client opens a stream',
          text: 'The API checks the token when the stream begins. After that there are no more requests, so it watches the token: `server.watch()`.',
          controls: tokens && !isOver ? [button('open', 'Open a stream', stream ? 'plain' : 'main')] : [],
        },
        {
          id: 'out',
          title: 'You sign out, at the authorization server',
          text: 'Before your browser comes back, the authorization server sends a logout token directly to the API. Only what this token names is revoked.',
          controls: stream && !isOver ? [link(signOutUrl(), 'Sign out at the authorization server')] : [],
        },
        {
          id: 'closed',
          title: 'The stream is closed, and the token is refused',
          text: 'The token itself has not changed, and would be valid for an hour: the inspector cannot see that it is revoked. The API can, without a request to anyone.',
          controls: isOver ? [button('again', 'Use the token once more', 'attack')] : [],
        },
      ],
      actions: {
        async begin() {
          stream?.close()
          stream = undefined
          isOver = false
          await authorization.begin('in')
        },
        open,
        again,
      },
      async callback(arrival) {
        const state = arrival.url.searchParams.get('state')
        if (leaving !== undefined && state === leaving) return signedOut()
        const callback = await authorization.arrive(arrival, { person: 'in', back: 'in' })
        const { request } = authorization
        if (callback?.kind !== 'code' || request?.verifier === undefined) return
        const { nonce, verifier } = request
        const { client } = authorization
        const response = await client.exchangeCode(callback.parameters, stage.redirectUri, { nonce, verifier })
        if (response.ok) tokens = response.result
        const words = { title: 'Tokens', text: 'The ID token will show the authorization server which session to end.' }
        journal.add('in', tokensOrRefusal(journal, response, words))
      },
    }

    /** RP-Initiated Logout 1.0 §2. */
    function signOutUrl(): string {
      leaving ??= randomUUID()
      const url = new URL(stage.metadata.end_session_endpoint as string)
      url.search = new URLSearchParams({
        id_token_hint: tokens?.id_token ?? '',
        post_logout_redirect_uri: stage.redirectUri,
        state: leaving,
      }).toString()
      return url.href
    }

    async function open(): Promise<void> {
      if (tokens === undefined) return
      stream?.close()
      stream = await openStream(stage.updates.url, tokens.access_token)
      journal.add('open', {
        outcome: stream.status === 200 ? 'good' : 'refused',
        title: stream.status === 200 ? 'The stream is open' : `Refused: ${stream.status}`,
        text: 'Each second the API sends an event, over the same response.',
        exchanges: [stream.exchange()],
      })
    }

    async function signedOut(): Promise<void> {
      leaving = undefined
      isOver = true
      const session = claimsOf(tokens?.id_token).sid
      const logout = stage.updates.logoutOf(String(session))
      const accepted = logout?.response.start.includes(' 200 ') === true
      journal.add('out', {
        outcome: accepted ? 'good' : 'refused',
        title: accepted ? 'The API was told' : 'The API was not told',
        text: 'The logout token is signed like an access token, and has another type, so that neither passes for the other. The response comes after the revocation.',
        details: logoutDetails(logout?.request.body),
        exchanges: logout ? [logout] : [],
      })
      await Promise.race([stream?.ended, setTimeout(MAX_WAIT)])
      const isOpen = stream?.isOpen !== false
      journal.add('closed', {
        outcome: isOpen ? 'refused' : 'good',
        title: isOpen ? 'The stream is still open' : 'The API has closed the stream',
        text: 'Its last event says why. A client that connects again needs a new token.',
        exchanges: stream ? [stream.exchange()] : [],
      })
    }

    async function again(): Promise<void> {
      if (tokens === undefined || READ === undefined) return
      const token = { value: tokens.access_token, scheme: 'Bearer' } as const
      const responses = await Promise.all(
        stage.apis.map((api) => present({ api, route: READ, place: 'header', token })),
      )
      const refused = responses.filter(({ status }) => status === 401).length
      journal.add('closed', {
        outcome: 'refused',
        title: `${refused} of ${responses.length} copies of the API refuse it`,
        text: 'They share their revocations, in one process here, and with a store between processes. A request only reads memory.',
        details: responses.map(({ status }, index) => ({
          name: stage.apis[index]?.framework ?? '',
          value: String(status),
          meaning: status === 401 ? 'the token has been revoked' : 'the token is accepted',
        })),
        exchanges: responses
          .slice(0, 1)
          .map(({ request, response }) => ({ from: 'attacker', to: 'API', request, response })),
      })
    }
  },
}

function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token?.split('.') ?? []
  return payload === '' ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString())
}

const MEANING: Readonly<Record<string, string>> = {
  iss: 'the authorization server, whose keys sign it',
  aud: 'the client whose user signs out: the API knows it by its option `logout.clients`',
  sub: 'the user',
  sid: 'the session: tokens with this `sid` are revoked',
  iat: 'when it was issued; it is short-lived',
  events: 'what makes it a logout token (§2.4)',
}

const logoutDetails = (body = ''): Detail[] =>
  Object.entries(claimsOf(new URLSearchParams(body).get('logout_token') ?? undefined))
    .filter(([name]) => name in MEANING)
    .map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
      meaning: MEANING[name] ?? '',
    }))
