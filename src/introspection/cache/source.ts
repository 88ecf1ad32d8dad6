import { Refusal } from '../../errors/refusal.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { IntrospectionIssuer, Introspector } from '../introspector.ts'
import type { CachedResponse } from './local-cache.ts'
import { timestampAt } from './timestamp.ts'

/** A token, and the issuer that introspects it. */
export interface IntrospectionRequest {
  readonly issuer: IntrospectionIssuer
  readonly introspector: Introspector
  readonly raw: string
  readonly digest: string
  /** Whether the issuer has called the token active before, or has signed it. */
  readonly isSeen: boolean
}

/** What a usable response must satisfy. */
export interface Requirements {
  readonly maxAge: Seconds
  /** It must have been requested after this time, by the wall clock; older responses are outdated or invalidated. */
  readonly newerThan: NumericDate
  /** False once the response must not be cached or shared. */
  isCurrent(): boolean
}

/** The source of responses that are not cached in this process. */
export interface IntrospectionSource {
  /** Whether other processes find the responses too. */
  readonly isShared: boolean
  /** Milliseconds within which `find` ends by itself. */
  timeout(introspector: Introspector): number
  find(request: IntrospectionRequest, required: Requirements): Promise<CachedResponse | Refusal>
  /** Removes what other processes would find; `false` if that failed. */
  forget(request: IntrospectionRequest): Promise<boolean>
}

/** The issuers themselves. */
export const createIssuerSource = (clock: () => NumericDate): IntrospectionSource => ({
  isShared: false,
  timeout: ({ deadline }) => deadline,
  find: (request) => introspectAtIssuer(request, clock),
  forget: async () => true,
})

export async function introspectAtIssuer(
  request: IntrospectionRequest,
  clock: () => NumericDate,
): Promise<CachedResponse | Refusal> {
  // Taken before the request: the response may not reflect a revocation that happens while it is pending.
  const requestedAt = timestampAt(clock())
  const { issuer, introspector } = request
  const response = await introspector.introspect(request)
  return response instanceof Refusal ? response : { issuer, response, requestedAt, verified: undefined }
}
