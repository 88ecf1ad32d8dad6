import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { createUpstreamServer } from '../support/upstream/server.ts'

// GitHub's "check a token", as documented; none of its behavior is our choice.
// https://docs.github.com/rest/apps/oauth-applications#check-a-token
// https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api

export const APP = { id: 'Iv1.8a61f9b3a7aba766', secret: 'of+the/app=' }

/** A token issued by GitHub. */
export interface Issued {
  readonly user: { readonly id: number; readonly login: string } | null
  readonly scopes: readonly string[] | null
  readonly expires_at: string | null
}

export interface GitHub {
  readonly url: string
  /** The tokens that are currently valid for this app. */
  readonly tokens: Map<string, Issued>
  /** The number of requests. */
  requestCount(): number
  /** A response that replaces the normal one, such as a rate limit. */
  instead: ((response: ServerResponse) => void) | undefined
  stop(): Promise<void>
}

export async function startGitHub(): Promise<GitHub> {
  const tokens = new Map<string, Issued>()
  const upstream = await createUpstreamServer((request, response) => {
    void respond(request, response)
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request
    // "Requests with no User-Agent header will be rejected."
    if (!headers['user-agent']) return send(response, 403, 'Request forbidden by administrative rules.')
    // "If you specify an API version that is no longer supported, you will receive a 400 error."
    if (!['2022-11-28', undefined].includes(headers['x-github-api-version'] as string | undefined)) {
      return send(response, 400, 'Version is not supported')
    }
    if (github.instead) return github.instead(response)
    if (method !== 'POST' || url !== `/applications/${APP.id}/token`) return send(response, 404, 'Not Found')
    // "The username is the application client_id and the password is its client_secret."
    const basic = `Basic ${Buffer.from(`${APP.id}:${APP.secret}`).toString('base64')}`
    if (headers.authorization !== basic) return send(response, 401, 'Bad credentials')
    const { access_token } = (await json(request)) as { access_token?: unknown }
    if (typeof access_token !== 'string') return send(response, 422, 'Validation Failed')
    const issued = tokens.get(access_token)
    // "Invalid tokens will return 404 NOT FOUND."
    if (!issued) return send(response, 404, 'Not Found')
    const body = JSON.stringify(authorization(access_token, issued))
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body)
  }

  const github: GitHub = {
    url: upstream.url,
    tokens,
    requestCount: () => upstream.requests.length,
    instead: undefined,
    stop: upstream.stop,
  }
  return github
}

function send(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest', status: String(status) })
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body)
}

/** The example response of the documentation, with the members our tests use. */
const authorization = (token: string, { user, scopes, expires_at }: Issued) => ({
  id: 1,
  url: 'https://api.github.com/authorizations/1',
  scopes,
  token,
  token_last_eight: token.slice(-8),
  hashed_token: '25f94a2a5c7fbaf499c665bc73d67c1c87e496da8985131633ee0a95819db2e8',
  app: { url: 'http://my-github-app.com', name: 'my github app', client_id: APP.id },
  note: 'optional note',
  note_url: 'http://optional/note/url',
  updated_at: '2011-09-06T20:39:23Z',
  created_at: '2011-09-06T17:26:27Z',
  fingerprint: 'jklmnop12345678',
  expires_at,
  user: user && { ...user, node_id: 'MDQ6VXNlcjE=', type: 'User', site_admin: false },
})
