import { optional, required, shape } from '../src/config/shape.ts'
import type { Checker } from '../src/config/validate.ts'
import { ConfigurationError } from '../src/errors/errors.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, domain, matching } from './internal/arguments.ts'

/** Arguments of {@link okta}. */
export interface OktaOptions {
  /** The domain of the organization, such as `example.okta.com`, or its custom domain. */
  readonly domain: string
  /** The ID of a custom authorization server. Default: `'default'`. */
  readonly authorizationServer?: string
  /** The *Audience* of the authorization server. Default: the server's `resource`. */
  readonly audience?: string | readonly string[]
}

const oktaDomain: Checker<string> = (value, option) => {
  const name = domain(value, option)
  const admin = /^(.+)-admin(\.okta(?:preview|-emea)?\.com)$/.exec(name)
  if (admin) throw new ConfigurationError(option, `is the domain of the admin console; use ${admin[1]}${admin[2]}`)
  return name
}

const checked = shape({
  domain: required(oktaDomain, 'the domain of the organization, such as example.okta.com'),
  authorizationServer: optional(
    matching(/^[\w-]+$/, 'the ID of an authorization server, such as "default"'),
    'default',
  ),
  audience: optional(audiences),
})

/**
 * Access tokens of a custom authorization server of Okta. Those of the organization's own authorization server are only
 * for Okta's APIs, and are refused.
 *
 * @throws {ConfigurationError} a wrong argument, such as `okta.domain`
 */
export function okta(options: OktaOptions): IssuerOptions {
  const { domain, authorizationServer, audience } = checked(options, 'okta')
  return { issuer: `https://${domain}/oauth2/${authorizationServer}`, ...(audience && { audience }) }
}
