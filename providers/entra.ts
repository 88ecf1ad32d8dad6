import { optional, required, shape } from '../src/config/shape.ts'
import { valueThat } from '../src/config/validate.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences } from './internal/arguments.ts'
import { LOGIN, SCOPE_CLAIMS, tenantId, v2Issuer } from './internal/entra-issuer.ts'

/** Arguments of {@link entra}. */
export interface EntraOptions {
  /** The ID of the tenant, a GUID: tokens have it in `iss`, whatever domain the client used. */
  readonly tenant: string
  /** The *Application (client) ID* of the API. Tokens of version 1 may have its Application ID URI instead: list both. */
  readonly audience: string | readonly string[]
  /** `requestedAccessTokenVersion` in the manifest of the API, where `null` is 1. Default: `2`. */
  readonly version?: 1 | 2
}

const version = valueThat((value) => value === 1 || value === 2, '1 or 2')

const checked = shape({
  tenant: required(tenantId, 'the ID of the tenant'),
  audience: required(audiences, 'the Application (client) ID of the API'),
  version: optional(version, 2),
})

/**
 * Access tokens of Microsoft Entra ID from one tenant, with scopes from `scp` (delegated permissions) and `roles` (application
 * permissions).
 *
 * @throws {ConfigurationError} a wrong argument, such as `entra.tenant`
 */
export function entra(options: EntraOptions): IssuerOptions {
  const { tenant, audience, version } = checked(options, 'entra')
  const common = { audience, scopeClaims: SCOPE_CLAIMS }
  if (version === 2) return { issuer: v2Issuer(tenant), ...common }
  return { issuer: `https://sts.windows.net/${tenant}/`, keys: `${LOGIN}/${tenant}/discovery/keys`, ...common }
}
