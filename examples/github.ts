// An API that accepts the tokens of a GitHub app. GitHub has no introspection endpoint, but an API to check tokens: we
// provide the request, bearward the caching, single flight and circuit breaker. Here on Hono.
//
//   RESOURCE=https://api.example.com GITHUB_CLIENT_ID=Iv1.… GITHUB_CLIENT_SECRET=… PORT=3000 node github.js
//
// https://docs.github.com/rest/apps/oauth-applications#check-a-token

import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type IntrospectContext, type IntrospectionResponse, Unavailable } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

const resource = setting('RESOURCE', 'the URL of this API')
const clientId = setting('GITHUB_CLIENT_ID', 'the client ID of your GitHub app')
const clientSecret = setting('GITHUB_CLIENT_SECRET', 'a client secret of your GitHub app')
const github = process.env.GITHUB_API ?? 'https://api.github.com'
const port = portNumber()

const { protect, requireScope, metadata, server } = resourceServer({
  resource,
  issuer: {
    issuer: 'https://github.com',
    // gho_ for OAuth apps, ghu_ for users of GitHub Apps. Other tokens cause no request.
    tokenPrefix: ['gho_', 'ghu_'],
    introspect: { name: 'github', check: checkToken, cache: { active: 60 }, deadline: 5 },
    // GitHub tokens have no audience. Instead, GitHub accepts only tokens of this app.
    audience: null,
  },
})

const app = new Hono()
  .use(metadata())
  .get('/me', protect(), (c) => {
    const { subject, claims } = c.var.accessToken
    return c.json({ id: subject, login: claims.username })
  })
  .get('/repositories', requireScope('repo'), (c) => c.json({ repositories: [] }))

/** The members of GitHub's response that we use. Some are null for tokens of GitHub Apps. */
interface Authorization {
  readonly app: { readonly client_id: string }
  readonly user: { readonly id: number; readonly login: string } | null
  readonly scopes: readonly string[] | null
  readonly created_at: string
  readonly expires_at: string | null
}

async function checkToken(token: string, { fetch, signal }: IntrospectContext): Promise<IntrospectionResponse> {
  // The syntax of GitHub tokens. Other strings are not worth a request.
  if (!/^\w{20,255}$/.test(token)) return { active: false }

  const response = await fetch(`${github}/applications/${encodeURIComponent(clientId)}/token`, {
    method: 'POST',
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
      'content-type': 'application/json',
      'user-agent': 'orders-api', // GitHub refuses requests without one
      'x-github-api-version': '2022-11-28',
    },
    body: JSON.stringify({ access_token: token }),
    redirect: 'manual', // never send the token to another host
    signal,
  })
  if (response.status === 404) return { active: false }
  // No other status concerns the token: a rate limit, our credentials, an outage.
  if (response.status !== 200) throw new Unavailable('introspection_unavailable', pauseAfter(response))

  const { app, user, scopes, created_at, expires_at } = (await response.json()) as Authorization
  return {
    active: true,
    client_id: app.client_id,
    // Users can change their login, and others can then take it. The id is stable.
    ...(user && { sub: String(user.id), username: user.login }),
    scope: (scopes ?? []).join(' '),
    iat: secondsOf(created_at),
    ...(expires_at !== null && { exp: secondsOf(expires_at) }),
  }
}

/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function pauseAfter({ status, headers }: Response): { retryAfter?: number } {
  if (status !== 403 && status !== 429) return {}
  const wait = Number(headers.get('retry-after'))
  if (wait > 0) return { retryAfter: wait }
  if (headers.get('x-ratelimit-remaining') === '0') {
    const left = Math.ceil(Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000)
    return { retryAfter: Math.max(1, left) }
  }
  return { retryAfter: 60 }
}

const secondsOf = (timestamp: string): number => Math.floor(Date.parse(timestamp) / 1000)

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = serve(
  { fetch: app.fetch, hostname: process.env.HOST || '127.0.0.1', port },
  (address: AddressInfo) => {
    console.log(`Who am I? http://localhost:${address.port}/me`)
  },
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. Set it to ${meaning}.`)
  process.exit(2)
}

function portNumber(): number {
  const { PORT = '3000' } = process.env
  if (/^\d{1,5}$/.test(PORT)) return Number(PORT)
  console.error('PORT is not a port number.')
  process.exit(2)
}
