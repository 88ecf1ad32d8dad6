import type { JwtClaims } from './access-token/jwt-claims.ts'
import { ALL_FEATURES } from './features/all.ts'
import type { ResourceServerOptions } from './options.ts'
import { createServer } from './resource-server.ts'
import type { ResourceServer } from './server-api.ts'

/**
 * Creates a resource server from plain options.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function createResourceServer<
  const Scope extends string = string,
  Claims = JwtClaims,
  Native extends object = object,
>(options: ResourceServerOptions<Scope, Claims, Native>): ResourceServer<Scope, Claims> {
  return createServer(options, ALL_FEATURES)
}
