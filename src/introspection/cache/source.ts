import type { NumericDate, Seconds } from '../../util/time.ts'
import type { IntrospectionIssuer, Introspector } from '../introspector.ts'
import type { CachedResponse } from './local-cache.ts'
import { timestampAt } from './timestamp.ts'

/** A token, and whom to ask about it. */
export interface IntrospectionRequest {
  readonly issuer: IntrospectionIssuer
  readonly introspector: Introspector
  readonly raw: string
  readonly digest: string
}

/** What a verdict has to be to be of use. */
export interface Requirements {
  readonly maxAge: Seconds
  /** Nothing that was asked before this moment, by the wall: something newer is known, or it was to be forgotten. */
  readonly newerThan: NumericDate
  /** False once the answer is of no use to anybody else. */
  isCurrent(): boolean
}

/** Where verdicts come from that are not known in this process. */
export interface IntrospectionSource {
  /** Milliseconds after which `find` has ended by itself. */
  timeout(introspector: Introspector): number
  /** @throws {Unavailable} where there is no answer */
  find(request: IntrospectionRequest, required: Requirements): Promise<CachedResponse>
  /** Drops what other processes would find; `false` where that did not work. */
  forget(request: IntrospectionRequest): Promise<boolean>
}

/** The issuers themselves. */
export const createIssuerSource = (clock: () => NumericDate): IntrospectionSource => ({
  timeout: ({ deadline }) => deadline,
  find: (request) => introspectAtIssuer(request, clock),
  forget: async () => true,
})

export async function introspectAtIssuer(
  { issuer, introspector: asker, raw }: IntrospectionRequest,
  clock: () => NumericDate,
): Promise<CachedResponse> {
  // From before the question: what is revoked while it is on its way may not be known to the answer.
  const requestedAt = timestampAt(clock())
  return { issuer, response: await asker.introspect(raw), requestedAt, verified: undefined }
}
