import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { baseUrlBefore } from './internal/arguments.ts'

/** Arguments of {@link supabase}. */
export interface SupabaseOptions {
  /** The URL of the project, such as `https://abcdefghijklmnopqrst.supabase.co`. */
  readonly url: string
}

const checked = shape({
  url: required(baseUrlBefore(/\/(?:rest|storage|functions)\/v1(?:\/.*)?$/), 'the URL of the project'),
})

/**
 * Access tokens of users of a Supabase project with asymmetric signing keys. They grant no scopes; their `role` is in the claims.
 *
 * @throws {ConfigurationError} a wrong argument: `supabase.url`
 */
export function supabase(options: SupabaseOptions): IssuerOptions {
  const { url } = checked(options, 'supabase')
  const issuer = `${url.replace(/\/auth\/v1$/, '')}/auth/v1`
  return { issuer, audience: 'authenticated', keys: `${issuer}/.well-known/jwks.json` }
}
