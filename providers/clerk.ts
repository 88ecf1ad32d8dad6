import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { domain, names } from './internal/arguments.ts'

/** Arguments of {@link clerk}. */
export interface ClerkOptions {
  /** The domain of the *Frontend API*, such as `clerk.example.com` or `happy-cat-1.clerk.accounts.dev`. */
  readonly domain: string
  /** The accepted values of `azp`: the origins of your applications, such as `https://app.example.com`. */
  readonly clients: readonly string[]
}

const checked = shape({
  domain: required(domain, 'the domain of the Frontend API, such as clerk.example.com'),
  clients: required(names, 'the origins of the applications whose tokens are accepted'),
})

/**
 * Session tokens of Clerk. They have no `aud` and no scopes; `clients` are the origins that may request them.
 *
 * **Tokens of JWT templates, which are for other services, are accepted as well**, unless you require `sid` on every route.
 *
 * @throws {ConfigurationError} a wrong argument, such as `clerk.clients`
 */
export function clerk(options: ClerkOptions): IssuerOptions {
  const { domain, clients } = checked(options, 'clerk')
  const issuer = `https://${domain}`
  return { issuer, audience: null, clients, keys: `${issuer}/.well-known/jwks.json` }
}
