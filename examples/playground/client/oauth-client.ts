import * as oauth from 'oauth4webapi'
import type { Registration } from '../clients.ts'
import { type SpeakOptions, speak } from './speak.ts'
import type { Tls } from './tls.ts'

export interface TokenParameters {
  readonly scope?: string
  readonly resource?: string
  readonly DPoP?: oauth.DPoPHandle
}

/**
 * A client of the authorization server. oauth4webapi implements the protocol; this class only records what goes over the
 * connection.
 */
export class OAuthClient {
  readonly #server: oauth.AuthorizationServer
  readonly #client: oauth.Client
  readonly #authentication: oauth.ClientAuth
  readonly #tls: Tls | undefined

  /** @param tls if the client authenticates with a certificate (RFC 8705 §2) */
  constructor(server: oauth.AuthorizationServer, { id, secret }: Registration, tls?: Tls) {
    this.#server = server
    this.#client = { client_id: id, use_mtls_endpoint_aliases: tls !== undefined }
    this.#authentication = tls ? oauth.TlsClientAuth() : secret ? oauth.ClientSecretBasic(secret) : oauth.None()
    this.#tls = tls
  }

  /** RFC 6749 §4.1.2, RFC 9207 §2.4. @throws if the response does not belong to the request with this `state` */
  authorizationResponse(url: URL, state: string): URLSearchParams {
    return oauth.validateAuthResponse(this.#server, this.#client, url, state)
  }

  /** RFC 6749 §4.1.3; without a verifier if PKCE is not used. */
  exchangeCode(callback: URLSearchParams, redirectUri: string, more: { verifier?: string; nonce?: string } = {}) {
    const { verifier = oauth.nopkce, nonce } = more
    return this.#speak(
      (options) =>
        oauth.authorizationCodeGrantRequest(
          this.#server,
          this.#client,
          this.#authentication,
          callback,
          redirectUri,
          verifier,
          options,
        ),
      (response) =>
        oauth.processAuthorizationCodeResponse(
          this.#server,
          this.#client,
          response,
          nonce === undefined ? {} : { expectedNonce: nonce },
        ),
    )
  }

  /** RFC 6749 §4.4. */
  clientCredentials({ DPoP, ...parameters }: TokenParameters) {
    return this.#speak(
      (options) =>
        oauth.clientCredentialsGrantRequest(this.#server, this.#client, this.#authentication, parameters, {
          ...options,
          ...(DPoP && { DPoP }),
        }),
      (response) => oauth.processClientCredentialsResponse(this.#server, this.#client, response),
    )
  }

  /** RFC 6749 §6. */
  refresh(refreshToken: string) {
    return this.#speak(
      (options) =>
        oauth.refreshTokenGrantRequest(this.#server, this.#client, this.#authentication, refreshToken, options),
      (response) => oauth.processRefreshTokenResponse(this.#server, this.#client, response),
    )
  }

  /** RFC 8628 §3.1. */
  deviceAuthorization(parameters: { readonly scope: string; readonly resource: string }) {
    return this.#speak(
      (options) =>
        oauth.deviceAuthorizationRequest(this.#server, this.#client, this.#authentication, parameters, options),
      (response) => oauth.processDeviceAuthorizationResponse(this.#server, this.#client, response),
    )
  }

  /** RFC 8628 §3.4. */
  deviceToken(deviceCode: string) {
    return this.#speak(
      (options) => oauth.deviceCodeGrantRequest(this.#server, this.#client, this.#authentication, deviceCode, options),
      (response) => oauth.processDeviceCodeResponse(this.#server, this.#client, response),
    )
  }

  /** RFC 7662 §2. */
  introspect(token: string) {
    return this.#speak(
      (options) => oauth.introspectionRequest(this.#server, this.#client, this.#authentication, token, options),
      (response) => oauth.processIntrospectionResponse(this.#server, this.#client, response),
    )
  }

  /** RFC 7009 §2. */
  revoke(token: string) {
    return this.#speak(
      (options) => oauth.revocationRequest(this.#server, this.#client, this.#authentication, token, options),
      oauth.processRevocationResponse,
    )
  }

  #speak<T>(send: (options: SpeakOptions) => Promise<Response>, read: (response: Response) => Promise<T>) {
    return speak(this.#tls, send, read)
  }
}
