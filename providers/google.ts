import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences } from './internal/arguments.ts'

/** Arguments of {@link google}. */
export interface GoogleOptions {
  /** The audience that callers request: the URL of the service, or the OAuth client ID of Identity-Aware Proxy. */
  readonly audience: string | readonly string[]
}

const checked = shape({
  audience: required(audiences, 'the audience that callers request, such as the URL of the API'),
})

/**
 * ID tokens of Google service accounts, as Cloud Run and callers of Identity-Aware Proxy use them.
 *
 * **Every service account in the world can get one for your audience**: require your callers by their `email` on every
 * route.
 *
 * @throws {ConfigurationError} a wrong argument: `google.audience`
 */
export function google(options: GoogleOptions): IssuerOptions {
  const { audience } = checked(options, 'google')
  return { issuer: 'https://accounts.google.com', audience }
}
