import { optional, required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, baseUrlBefore, pathSegment } from './internal/arguments.ts'

/** Arguments of {@link authentik}. */
export interface AuthentikOptions {
  /** The URL of authentik. */
  readonly url: string
  /** The slug of the application, with the issuer mode *Each provider has a different issuer*. */
  readonly application: string
  /**
   * The client ID of the provider: `aud` and `azp` of its tokens. Default: the server's `resource`, which a property
   * mapping adds.
   */
  readonly audience?: string | readonly string[]
}

const checked = shape({
  url: required(baseUrlBefore(/\/(?:application\/o(?:\/.*)?|if\/(?:admin|user)(?:\/.*)?)$/), 'the URL of authentik'),
  application: required(pathSegment, 'the slug of the application'),
  audience: optional(audiences),
})

/**
 * Access tokens of an application of authentik. They have the claims of its ID tokens, `nonce` included, and in addition `azp`:
 * `allowIdTokenClaims` is set, and with `audience` also `clients`, so that ID tokens are refused.
 *
 * @throws {ConfigurationError} a wrong argument, such as `authentik.application`
 */
export function authentik(options: AuthentikOptions): IssuerOptions {
  const { url, application, audience } = checked(options, 'authentik')
  return {
    issuer: `${url}/application/o/${encodeURIComponent(application)}/`,
    allowIdTokenClaims: true,
    ...(audience && { audience, clients: audience }),
  }
}
