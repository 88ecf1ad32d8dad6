import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { issuerUrl, names } from './internal/arguments.ts'

/** Arguments of {@link dex}. */
export interface DexOptions {
  /** The `issuer` of Dex's configuration. */
  readonly issuer: string
  /** The IDs of the clients whose tokens are accepted: they are in `aud`. */
  readonly clients: readonly string[]
}

const checked = shape({
  issuer: required(issuerUrl, "the issuer of Dex's configuration"),
  clients: required(names, 'the IDs of the clients whose tokens are accepted'),
})

/**
 * Access tokens of Dex. They have the same claims as its ID tokens, `nonce` and `at_hash` included, so
 * `allowIdTokenClaims` is set, and ID tokens of the same clients are accepted as well. They grant no scopes.
 *
 * @throws {ConfigurationError} a wrong argument, such as `dex.clients`
 */
export function dex(options: DexOptions): IssuerOptions {
  const { issuer, clients } = checked(options, 'dex')
  return { issuer, audience: clients, allowIdTokenClaims: true }
}
