import type { IntrospectionRequest } from '../introspection/cache/source.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Seconds } from '../util/time.ts'

/** A token that is being verified. */
export interface PendingToken {
  readonly raw: string
  readonly digest: string
  /** The greatest age of its introspection response. */
  readonly introspectionMaxAge: Seconds
}

/** What to introspect; `undefined` if the issuer has no introspection. */
export function requestFor(
  issuer: Issuer,
  { raw, digest }: Pick<PendingToken, 'raw' | 'digest'>,
  isSeen = false,
): IntrospectionRequest | undefined {
  const { introspector } = issuer
  return introspector && { issuer, introspector, raw, digest, isSeen }
}
