import { allowInsecureRequests, ClientSecretPost, Configuration, customFetch } from 'openid-client'
import { Problem } from '../problems.ts'
import type { Provider } from '../provider.ts'
import { isLoopback } from './loopback.ts'

export interface GitHubSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string
  /** Other addresses, for GitHub Enterprise or tests. */
  readonly web?: string
  readonly api?: string
}

/** Seconds for a request to GitHub. */
const TIMEOUT = 5

/**
 * GitHub has OAuth, but no ID tokens for applications, no metadata for this, and no revocation endpoint of RFC 7009.
 *
 * https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export function gitHubProvider(settings: GitHubSettings): Provider {
  const { clientId, clientSecret, scope, web = 'https://github.com', api = 'https://api.github.com' } = settings
  const config = new Configuration(
    {
      issuer: `${web}/login/oauth`,
      authorization_endpoint: `${web}/login/oauth/authorize`,
      token_endpoint: `${web}/login/oauth/access_token`,
    },
    clientId,
    clientSecret,
    ClientSecretPost(clientSecret),
  )
  config.timeout = TIMEOUT
  if (isLoopback(new URL(web))) allowInsecureRequests(config)
  config[customFetch] = async (url, options) => standard(await fetch(url, options as RequestInit))

  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': 'order-book',
    'x-github-api-version': '2022-11-28',
  }
  const signal = () => AbortSignal.timeout(TIMEOUT * 1000)

  return {
    name: 'GitHub',
    origins: [new URL(web).origin],
    scope,
    parameters: {},
    hasIdTokens: false,
    configuration: async () => config,
    async user({ access_token }) {
      const authorization = `Bearer ${access_token}`
      const response = await fetch(`${api}/user`, { headers: { ...headers, authorization }, signal: signal() })
      if (!response.ok) throw new Problem('provider_unavailable', String(response.status))
      const { id, login } = (await response.json()) as { id: number; login: string }
      // Users can change their login, and others can then take it. The id is stable.
      return { id: String(id), name: login }
    },
    async revoke({ accessToken }) {
      const response = await fetch(`${api}/applications/${encodeURIComponent(clientId)}/token`, {
        method: 'DELETE',
        headers: {
          ...headers,
          authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ access_token: accessToken }),
        signal: signal(),
      })
      // 404: it was revoked before. 422 has the same cause in practice.
      if (!response.ok && response.status !== 404) throw new Problem('provider_unavailable', String(response.status))
    },
    signOutUrl: async () => undefined, // users end their session at GitHub themselves
  }
}

/** GitHub's own error codes, and those of RFC 6749 §5.2. */
const CODES: Readonly<Record<string, string>> = {
  bad_verification_code: 'invalid_grant',
  bad_refresh_token: 'invalid_grant',
  incorrect_client_credentials: 'invalid_client',
  redirect_uri_mismatch: 'invalid_request',
}

/** GitHub reports errors of the token endpoint with status 200. */
async function standard(response: Response): Promise<Response> {
  if (response.status !== 200) return response
  const body = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { error?: unknown }
  if (typeof body.error !== 'string') return response
  return Response.json({ error: CODES[body.error] ?? body.error }, { status: 400 })
}
