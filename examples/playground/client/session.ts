import type { TokenEndpointResponse } from 'oauth4webapi'
import type { ApiCopy } from '../api/copies.ts'
import { present, ROUTES } from '../api/present.ts'
import type { Exchange } from '../exchange.ts'
import type { OAuthClient } from './oauth-client.ts'
import type { ServerResult } from './speak.ts'

interface Call {
  readonly status: number
  readonly exchange: Exchange
}

interface Calls {
  readonly refreshes: readonly Exchange[]
  readonly calls: readonly Call[]
  /** The error of the refresh, if there was one; then nothing was sent to the API. */
  readonly refused: string | undefined
}

/** The tokens of a signed-in user, at the client. */
export interface Session {
  secondsLeft(): number
  /** Resolves when the access token has expired. */
  expiry(): Promise<void>
  /** Sends a request to each of these, all at once, with a token that is valid. */
  call(apis: readonly (ApiCopy | undefined)[]): Promise<Calls>
  /** The mistake: concurrent refreshes with the same refresh token. */
  refreshSeparately(count: number): Promise<readonly ServerResult<TokenEndpointResponse>[]>
  refreshOnce(): Promise<ServerResult<TokenEndpointResponse>>
}

/** Seconds before the expiry at which the client refreshes. With a usual lifetime, take a minute. */
const EARLY = 1

const [READ] = ROUTES

/** @param store receives each new pair before it is used */
export function signedIn(
  client: OAuthClient,
  first: TokenEndpointResponse,
  store: (tokens: TokenEndpointResponse) => void,
): Session {
  let tokens = first
  let expires = expiryOf(first)
  let pending: Promise<ServerResult<TokenEndpointResponse>> | undefined

  const secondsLeft = () => Math.max(0, (expires - performance.now()) / 1000)

  function keep(response: ServerResult<TokenEndpointResponse>): void {
    if (!response.ok) return
    tokens = { ...tokens, ...response.result }
    expires = expiryOf(response.result)
    store(response.result)
  }

  async function refreshOnce(): Promise<ServerResult<TokenEndpointResponse>> {
    const response = await client.refresh(tokens.refresh_token ?? '')
    keep(response)
    return response
  }

  /** Single flight: while a refresh is pending, everyone waits for it. */
  function refreshShared(): Promise<ServerResult<TokenEndpointResponse>> {
    pending ??= refreshOnce().finally(() => {
      pending = undefined
    })
    return pending
  }

  return {
    secondsLeft,
    expiry: () => new Promise((resolve) => setTimeout(resolve, secondsLeft() * 1000 + 50)),
    async call(apis) {
      const refreshes = new Set<Exchange>()
      let refused: string | undefined
      const calls = await Promise.all(
        apis.map(async (api): Promise<Call[]> => {
          if (api === undefined || READ === undefined) return []
          if (secondsLeft() < EARLY) {
            const response = await refreshShared()
            refreshes.add(response.exchange)
            if (!response.ok) {
              refused = response.error
              return []
            }
          }
          const token = { value: tokens.access_token, scheme: 'Bearer' } as const
          const { status, request, response } = await present({ api, route: READ, place: 'header', token })
          return [{ status, exchange: { from: 'client', to: 'API', request, response } }]
        }),
      )
      return { refreshes: [...refreshes], calls: calls.flat(), refused }
    },
    async refreshSeparately(count) {
      const token = tokens.refresh_token ?? ''
      const responses = await Promise.all(Array.from({ length: count }, () => client.refresh(token)))
      for (const response of responses) keep(response)
      return responses
    },
    refreshOnce,
  }
}

const expiryOf = ({ expires_in = 0 }: TokenEndpointResponse): number => performance.now() + expires_in * 1000
