import { type Checker, text } from '../../src/config/validate.ts'
import { ConfigurationError } from '../../src/errors/errors.ts'
import { guid, isGuid } from './arguments.ts'

export const LOGIN = 'https://login.microsoftonline.com'

/** Delegated permissions, and application permissions. */
export const SCOPE_CLAIMS = ['scp', 'roles'] as const

export const v2Issuer = (tenant: string): string => `${LOGIN}/${tenant}/v2.0`

/** The inverse of {@link v2Issuer}. */
export function tenantOf(issuer: string): string | undefined {
  const tenant = /^https:\/\/login\.microsoftonline\.com\/([^/]+)\/v2\.0$/.exec(issuer)?.[1]
  return isGuid(tenant) && tenant === tenant.toLowerCase() ? tenant : undefined
}

/** Endpoints for several tenants. No token has them in `iss`. */
const SHARED = ['common', 'organizations', 'consumers']

/** The ID of a tenant. Its domain would fit the endpoints, but no token has it in `iss`. */
export const tenantId: Checker<string> = (value, option) => {
  if (isGuid(value)) return guid(value, option)
  const name = text(value, option)
  if (SHARED.includes(name))
    throw new ConfigurationError(option, `is "${name}", which no token has in iss; use entraTenants({ tenants: […] })`)
  if (/^(?:[a-z\d-]+\.)+[a-z]{2,}$/i.test(name))
    throw new ConfigurationError(
      option,
      `must be the tenant's ID, which tokens have in iss; ${v2Issuer(name)}/.well-known/openid-configuration shows it`,
    )
  return guid(name, option)
}
