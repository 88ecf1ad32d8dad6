import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, guid, matching } from './internal/arguments.ts'

/** Arguments of {@link b2c}. */
export interface B2cOptions {
  /** The name of the tenant: `contoso` for `contoso.onmicrosoft.com`. */
  readonly tenant: string
  /** The ID of the tenant, a GUID. */
  readonly tenantId: string
  /** The user flow or custom policy whose key set is used, such as `B2C_1_signin`. */
  readonly policy: string
  /** The *Application (client) ID* of the API. */
  readonly audience: string | readonly string[]
}

const checked = shape({
  tenant: required(
    matching(/^[a-z\d][a-z\d-]*$/i, 'the name of the tenant: "contoso" for contoso.onmicrosoft.com'),
    'the name of the tenant',
  ),
  tenantId: required(guid, 'the ID of the tenant'),
  policy: required(
    matching(/^B2C_1A?_[\w-]+$/i, 'a user flow or policy such as "B2C_1_signin" or "B2C_1A_signin"'),
    'the user flow or policy',
  ),
  audience: required(audiences, 'the Application (client) ID of the API'),
})

/**
 * Access tokens of Azure AD B2C. They repeat the `nonce` of the sign-in, like ID tokens, so `allowIdTokenClaims` is set:
 * only `aud` and the scope distinguish the two. Require a scope on every route.
 *
 * @throws {ConfigurationError} a wrong argument, such as `b2c.policy`
 */
export function b2c(options: B2cOptions): IssuerOptions {
  const { tenant, tenantId, policy, audience } = checked(options, 'b2c')
  const login = `https://${tenant.toLowerCase()}.b2clogin.com`
  return {
    issuer: `${login}/${tenantId}/v2.0/`,
    keys: `${login}/${tenant}.onmicrosoft.com/${policy}/discovery/v2.0/keys`,
    audience,
    allowIdTokenClaims: true,
  }
}
