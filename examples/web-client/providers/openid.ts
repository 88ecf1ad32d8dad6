import {
  allowInsecureRequests,
  buildEndSessionUrl,
  ClientSecretBasic,
  type Configuration,
  discovery,
  ResponseBodyError,
  tokenRevocation,
} from 'openid-client'
import type { Provider } from '../provider.ts'
import { isLoopback } from './loopback.ts'

export interface OpenIdSettings {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string
  /** The API for which we request tokens (RFC 8707). */
  readonly resource: string | undefined
}

/** Seconds for a request to the provider. */
const TIMEOUT = 5

/** Any provider with OpenID Connect: its metadata says everything else. */
export function openIdProvider({ issuer, clientId, clientSecret, scope, resource }: OpenIdSettings): Provider {
  let pending: Promise<Configuration> | undefined

  const configuration = (): Promise<Configuration> => {
    pending ??= discovery(issuer, clientId, undefined, ClientSecretBasic(clientSecret), {
      execute: isLoopback(issuer) ? [allowInsecureRequests] : [],
      timeout: TIMEOUT,
    })
    pending.catch(() => {
      pending = undefined // the next request tries again
    })
    return pending
  }

  return {
    name: issuer.host,
    origins: [issuer.origin],
    scope,
    parameters: {
      ...(resource !== undefined && { resource }),
      // Providers ignore the request for a refresh token without it (OpenID Connect Core §11).
      ...(scope.split(' ').includes('offline_access') && { prompt: 'consent' }),
    },
    hasIdTokens: true,
    configuration,
    async user(tokens) {
      const claims = tokens.claims()
      if (claims === undefined) throw new TypeError('there is no ID token')
      const { sub, name, preferred_username: username } = claims
      return { id: sub, name: [name, username].find((one) => typeof one === 'string') ?? sub }
    },
    async revoke({ accessToken, refreshToken }) {
      const config = await configuration()
      if (config.serverMetadata().revocation_endpoint === undefined) return
      // With the refresh token, most providers revoke everything that belongs to it (RFC 7009 §2.1).
      try {
        await tokenRevocation(config, refreshToken ?? accessToken)
      } catch (thrown) {
        // A JWT that cannot be revoked ends by itself (RFC 7009 §2.2.1).
        if (!(thrown instanceof ResponseBodyError && thrown.error === 'unsupported_token_type')) throw thrown
      }
    },
    async signOutUrl(back) {
      const config = await configuration()
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined
      // Without `id_token_hint`: no token belongs into an address. The provider asks the user instead.
      return buildEndSessionUrl(config, { post_logout_redirect_uri: back.href })
    },
  }
}
