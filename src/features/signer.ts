import { type Checker, jsonCopy, secureUrl, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { IssuerContext } from '../issuers/context.ts'
import { createIssuer } from '../issuers/issuer.ts'
import type { LocalVerifier } from '../issuers/local-verifier.ts'
import { issuerSettings, issuerShape } from '../issuers/settings.ts'
import type { SharedState } from '../issuers/shared-state.ts'
import type { JsonWebKeySet, KeySet } from '../jwks/types.ts'
import { isObject } from '../util/encoding.ts'
import { NO_FEATURES } from './none.ts'

/**
 * Verifies the signatures of another party than a configured issuer, such as those of security events and status lists.
 *
 * @param option names the keys where they are wrong
 * @throws {ConfigurationError}
 */
export function createSigner(
  members: { readonly issuer: string; readonly keys: string | JsonWebKeySet | KeySet },
  option: string,
  host: IssuerContext,
  shared: SharedState,
): LocalVerifier {
  const checked = issuerShape(NO_FEATURES.options)(members, option)
  const settings = issuerSettings(checked, option, host.resource, host.limits.keys)
  const { local } = createIssuer(settings, { ...host, createIntrospector: NO_FEATURES.createIntrospector }, shared)
  if (!local) throw new ConfigurationError(option, 'has no keys')
  return local
}

/** The option that names such keys. */
export const signerKeys: Checker<string | JsonWebKeySet> = (value, option) => {
  if (typeof value === 'string') return secureUrl(value, option)
  if (isObject(value) && Array.isArray(value.keys)) return jsonCopy(value as unknown as JsonWebKeySet, option)
  throw wrong(option, value, 'a URL, or a JWK Set such as { keys: [...] }')
}
