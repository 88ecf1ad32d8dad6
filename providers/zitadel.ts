import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, domain } from './internal/arguments.ts'

/** Arguments of {@link zitadel}. */
export interface ZitadelOptions {
  /** The domain of the instance, such as `example-abc123.zitadel.cloud`. */
  readonly domain: string
  /** The ID of the project that the API belongs to. */
  readonly audience: string | readonly string[]
}

const checked = shape({
  domain: required(domain, 'the domain of the instance, such as example-abc123.zitadel.cloud'),
  audience: required(audiences, 'the ID of the project'),
})

/**
 * JWT access tokens of ZITADEL (*Auth Token Type: JWT*). They have no scopes; roles are in a claim of the project.
 *
 * @throws {ConfigurationError} a wrong argument, such as `zitadel.audience`
 */
export function zitadel(options: ZitadelOptions): IssuerOptions {
  const { domain, audience } = checked(options, 'zitadel')
  return { issuer: `https://${domain}`, audience }
}
