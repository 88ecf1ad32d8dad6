import { optional, required, shape } from '../src/config/shape.ts'
import type { Checker } from '../src/config/validate.ts'
import { ConfigurationError } from '../src/errors/errors.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, baseUrlBefore, pathSegment } from './internal/arguments.ts'

/** Arguments of {@link keycloak}. */
export interface KeycloakOptions {
  /** The public URL of Keycloak, without `/realms/…`: the one that tokens have in `iss`. */
  readonly url: string
  /** The name of the realm. */
  readonly realm: string
  /** The audience that a mapper in Keycloak adds, such as the client ID of the API. Default: the server's `resource`. */
  readonly audience?: string | readonly string[]
}

const urlOf = baseUrlBefore(/\/admin\/[^/]+\/console$/)

const keycloakUrl: Checker<string> = (value, option) => {
  const url = urlOf(value, option)
  const [base, realm] = url.split('/realms/')
  if (realm !== undefined)
    throw new ConfigurationError(option, `must be without /realms/…; use url: ${JSON.stringify(base)} and realm`)
  return url
}

const checked = shape({
  url: required(keycloakUrl, 'the public URL of Keycloak'),
  realm: required(pathSegment, 'the name of the realm'),
  audience: optional(audiences),
})

/**
 * Access tokens of a realm of Keycloak.
 *
 * @throws {ConfigurationError} a wrong argument, such as `keycloak.realm`
 */
export function keycloak(options: KeycloakOptions): IssuerOptions {
  const { url, realm, audience } = checked(options, 'keycloak')
  return { issuer: `${url}/realms/${encodeURIComponent(realm)}`, ...(audience && { audience }) }
}
