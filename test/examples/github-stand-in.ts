import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json, text } from 'node:stream/consumers'
import { createUpstreamServer } from '../support/upstream/server.ts'

// GitHub's sign-in for applications and its "check a token", as documented; none of its behavior is our choice.
// https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
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
  const codes = new Map<string, { scopes: readonly string[]; challenge: string; redirect: string }>()
  const upstream = await createUpstreamServer((request, response) => {
    void respond(request, response)
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request
    const path = url?.split('?')[0]
    if (path === '/login/oauth/authorize') return authorize(request, response)
    if (path === '/login/oauth/access_token') return accessToken(request, response)
    // "Requests with no User-Agent header will be rejected."
    if (!headers['user-agent']) return send(response, 403, 'Request forbidden by administrative rules.')
    // "If you specify an API version that is no longer supported, you will receive a 400 error."
    if (!['2022-11-28', undefined].includes(headers['x-github-api-version'] as string | undefined)) {
      return send(response, 400, 'Version is not supported')
    }
    if (github.instead) return github.instead(response)
    if (method === 'GET' && url === '/user') {
      const user = tokens.get(headers.authorization?.replace(/^Bearer /, '') ?? '')?.user
      return user ? reply(response, 200, user) : send(response, 401, 'Bad credentials')
    }
    const isCheck = method === 'POST' || method === 'DELETE'
    if (!isCheck || url !== `/applications/${APP.id}/token`) return send(response, 404, 'Not Found')
    // "The username is the application client_id and the password is its client_secret."
    const basic = `Basic ${Buffer.from(`${APP.id}:${APP.secret}`).toString('base64')}`
    if (headers.authorization !== basic) return send(response, 401, 'Bad credentials')
    const { access_token } = (await json(request)) as { access_token?: unknown }
    if (typeof access_token !== 'string') return send(response, 422, 'Validation Failed')
    const issued = tokens.get(access_token)
    // "Invalid tokens will return 404 NOT FOUND."
    if (!issued) return send(response, 404, 'Not Found')
    if (method === 'DELETE') {
      tokens.delete(access_token)
      return void response.writeHead(204).end()
    }
    reply(response, 200, authorization(access_token, issued))
  }

  /** "Request a user's GitHub identity": one page with two buttons. */
  async function authorize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', upstream.url).searchParams
    const { client_id = '', redirect_uri = '', scope = '', state = '', code_challenge = '' } = Object.fromEntries(asked)
    if (client_id !== APP.id) return send(response, 404, 'Not Found')
    if (request.method === 'GET') {
      const buttons = ['authorize', 'cancel']
        .map((name) => `<button name="${name}" value="1">${name}</button>`)
        .join('')
      response.setHeader('content-type', 'text/html')
      return void response.end(`<h1>Authorize</h1><form method="post">${buttons}</form>`)
    }
    const back = new URL(redirect_uri)
    if (new URLSearchParams(await text(request)).has('authorize')) {
      const code = randomBytes(10).toString('hex')
      codes.set(code, { scopes: scope.split(' '), challenge: code_challenge, redirect: redirect_uri })
      back.search = new URLSearchParams({ code, state }).toString()
    } else {
      const error_description = 'The user has denied your application access.'
      back.search = new URLSearchParams({ error: 'access_denied', error_description, state }).toString()
    }
    response.writeHead(302, { location: back.href }).end()
  }

  /** "Users are redirected back to your site": errors have status 200. */
  async function accessToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (github.instead) return github.instead(response)
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    if (form.client_id !== APP.id || form.client_secret !== APP.secret) {
      return reply(response, 200, { error: 'incorrect_client_credentials', error_description: 'They are incorrect.' })
    }
    const code = codes.get(form.code ?? '')
    const challenge = createHash('sha256')
      .update(form.code_verifier ?? '')
      .digest('base64url')
    if (code === undefined || code.challenge !== challenge || code.redirect !== form.redirect_uri) {
      return reply(response, 200, {
        error: 'bad_verification_code',
        error_description: 'The code is incorrect or expired.',
      })
    }
    codes.delete(form.code ?? '')
    const access_token = `gho_${randomBytes(18).toString('hex')}`
    tokens.set(access_token, { user: { id: 583_231, login: 'octocat' }, scopes: code.scopes, expires_at: null })
    reply(response, 200, { access_token, scope: code.scopes.join(','), token_type: 'bearer' })
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
  reply(response, status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) })
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
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
