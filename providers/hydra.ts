import { optional, required, shape } from '../src/config/shape.ts'
import { type Checker, record } from '../src/config/validate.ts'
import type { IntrospectionOptions } from '../src/introspection/options.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { issuerUrl } from './internal/arguments.ts'

/** Arguments of {@link hydra}. */
export interface HydraOptions {
  /** The public URL, exactly as in the tokens' `iss` (`urls.self.issuer` in Hydra's configuration), with or without a slash. */
  readonly url: string
  /** For opaque tokens, Hydra's default: `endpoint` is at the admin URL, `/admin/oauth2/introspect`. */
  readonly introspection?: IntrospectionOptions
}

// The server checks its members.
const introspection: Checker<IntrospectionOptions> = (value, option) =>
  record(value, option) as unknown as IntrospectionOptions

const checked = shape({
  // Versions before 2 append a slash to `iss`, so it is not removed here.
  url: required(issuerUrl, 'the public URL of Hydra'),
  introspection: optional(introspection),
})

/**
 * Access tokens of Ory Hydra and Ory Network: JWTs, and with `introspection` opaque ones.
 *
 * @throws {ConfigurationError} a wrong argument, such as `hydra.url`
 */
export function hydra(options: HydraOptions): IssuerOptions {
  const { url, introspection } = checked(options, 'hydra')
  return { issuer: url, ...(introspection && { introspection }) }
}
