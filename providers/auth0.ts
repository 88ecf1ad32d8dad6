import { optional, required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, domain } from './internal/arguments.ts'

/** Arguments of {@link auth0}. */
export interface Auth0Options {
  /** The domain of the tenant, such as `example.eu.auth0.com`, or the custom domain that clients use. */
  readonly domain: string
  /** The *Identifier* of the API. Default: the server's `resource`. */
  readonly audience?: string | readonly string[]
}

const checked = shape({
  domain: required(domain, 'the domain of the tenant, such as example.eu.auth0.com'),
  audience: optional(audiences),
})

/**
 * Access tokens of Auth0 for an API.
 *
 * @throws {ConfigurationError} a wrong argument, such as `auth0.domain`
 */
export function auth0(options: Auth0Options): IssuerOptions {
  const { domain, audience } = checked(options, 'auth0')
  return { issuer: `https://${domain}/`, ...(audience && { audience }) }
}
