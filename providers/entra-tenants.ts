import { required, shape } from '../src/config/shape.ts'
import { type Checker, list, wrong } from '../src/config/validate.ts'
import type { IssuerResolver } from '../src/issuers/options.ts'
import { audiences } from './internal/arguments.ts'
import { LOGIN, SCOPE_CLAIMS, tenantId, tenantOf, v2Issuer } from './internal/entra-issuer.ts'

/**
 * Which tenants are served: their IDs, or an object that looks an ID up, such as a `Set` or one with a database behind it.
 * An array is published in the metadata of the API.
 */
export type EntraTenants = readonly string[] | { has(tenantId: string): boolean | Promise<boolean> }

/** Arguments of {@link entraTenants}. */
export interface EntraTenantsOptions {
  /** The IDs of the tenants (GUIDs), or any object with `has()`. */
  readonly tenants: EntraTenants
  /** The *Application (client) ID* of the API. */
  readonly audience: string | readonly string[]
}

const tenants: Checker<IssuerResolver['allow']> = (value, option) => {
  if (Array.isArray(value)) return list(tenantId)(value, option).map(v2Issuer)
  const known = value as Exclude<EntraTenants, readonly string[]> | null | undefined
  if (typeof known?.has !== 'function') throw wrong(option, value, 'an array of tenant IDs, or an object with has()')
  return {
    has(issuer) {
      const tenant = tenantOf(issuer)
      return tenant !== undefined && known.has(tenant)
    },
  }
}

const checked = shape({
  tenants: required(tenants, 'the IDs of the tenants, or an object with has()'),
  audience: required(audiences, 'the Application (client) ID of the API'),
})

/**
 * Access tokens of Microsoft Entra ID (version 2) from many tenants: for an app registration with *Accounts in any
 * organizational directory*. All tenants share one key set.
 *
 * @throws {ConfigurationError} a wrong argument, such as `entraTenants.tenants[0]`
 */
export function entraTenants(options: EntraTenantsOptions): IssuerResolver {
  const { tenants: allow, audience } = checked(options, 'entraTenants')
  const keys = `${LOGIN}/organizations/discovery/v2.0/keys`
  return { allow, resolve: () => ({ audience, keys, scopeClaims: SCOPE_CLAIMS }) }
}
