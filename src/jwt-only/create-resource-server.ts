import type { JwtClaims } from '../access-token/jwt-claims.ts'
import { NO_FEATURES } from '../features/none.ts'
import { createServer } from '../resource-server.ts'
import type { ResourceServer } from '../server-api.ts'
import type { JwtResourceServerOptions } from './options.ts'

/**
 * As `createResourceServer` of `bearward`, without introspection, issuers known at run time, DPoP, mutual TLS, signed
 * metadata and `watch()`: for programs that are bundled, and only accept JWTs as bearer tokens. A token that is bound
 * to a key of its client is refused with `confirmation`, an opaque token with `malformed`.
 *
 * @throws {ConfigurationError} naming the option that is wrong, or not part of `bearward/jwt-only`
 */
export function createResourceServer<
  const Scope extends string = string,
  Claims = JwtClaims,
  Native extends object = object,
>(options: JwtResourceServerOptions<Scope, Claims, Native>): ResourceServer<Scope, Claims> {
  return createServer(options, NO_FEATURES)
}
