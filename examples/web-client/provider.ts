import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'

export interface User {
  /** Unique at this provider, and never reassigned. */
  readonly id: string
  readonly name: string
}

export type TokenResponse = TokenEndpointResponse & TokenEndpointResponseHelpers

/** An authorization server, as far as one differs from another. */
export interface Provider {
  readonly name: string
  /** The origins to which our forms may lead the browser. */
  readonly origins: readonly string[]
  readonly scope: string
  /** More parameters of the authorization request, such as `resource` (RFC 8707). */
  readonly parameters: Readonly<Record<string, string>>
  /** True if it returns ID tokens (OpenID Connect). */
  readonly hasIdTokens: boolean
  /** The endpoints and our credentials. Discovered at first use, so that we start without the provider. */
  configuration(): Promise<Configuration>
  user(tokens: TokenResponse): Promise<User>
  /** Makes the tokens of a user worthless (RFC 7009). */
  revoke(tokens: { readonly accessToken: string; readonly refreshToken: string | undefined }): Promise<void>
  /** Where the user signs out of the provider itself, to come back to this address. */
  signOutUrl(back: URL): Promise<URL | undefined>
}
