import type { BearwardEvent } from '../../src/events/events.ts'
import type { CachedResponse } from '../../src/introspection/cache/local-cache.ts'
import type { IntrospectionRequest } from '../../src/introspection/cache/source.ts'
import { createIntrospector, type IntrospectionIssuer } from '../../src/introspection/introspector.ts'
import type { Introspect } from '../../src/introspection/request.ts'
import type { IntrospectionResult } from '../../src/introspection/response.ts'
import type { IntrospectorSettings } from '../../src/introspection/settings.ts'
import { createRecordSealer } from '../../src/stores/sealed-records.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

/** The wall clock of these tests stands still. */
export const NOW = 1_800_000_000
export const wallClock = () => NOW

export const INACTIVE: IntrospectionResult = { active: false }
export const active = (claims: object = {}): IntrospectionResult => ({
  active: true,
  claims: { aud: RESOURCE, ...claims },
})

export const sealer = createRecordSealer([new Uint8Array(32)], 'introspection')

/** Records the events of a part of the package. */
export function createEvents() {
  const events: BearwardEvent[] = []
  return { events, wants: () => true, emit: (event: BearwardEvent) => void events.push(event) }
}

/** Requests about tokens of one issuer. Its breaker opens at the first failure. */
export function createRequests(send: Introspect, changes: Partial<IntrospectorSettings> = {}) {
  const introspector = createIntrospector(
    {
      cache: { active: 60, inactive: 10 },
      deadline: 2,
      breaker: { failures: 1, delay: 30, maxDelay: 30 },
      maxConcurrent: 10,
      ...changes,
    },
    'https://issuer.example',
    send,
    { identity: 'an identity', sealer },
    createEvents(),
  )
  const issuer: IntrospectionIssuer = {
    name: 'https://issuer.example',
    scopeClaims: [],
    clockTolerance: 30,
    introspector,
    responseRules: {
      issuer: 'https://issuer.example',
      audience: null,
      soleAudience: false,
      clients: undefined,
      clockTolerance: 30,
      maxAge: undefined,
      allowIdTokenClaims: false,
    },
    isCurrent: () => true,
  }
  const requestFor = (raw: string, isSeen = false): IntrospectionRequest => ({
    issuer,
    introspector,
    raw,
    digest: `digest of ${raw}`,
    isSeen,
  })
  const responseOf = (response: IntrospectionResult, requestedAt = { monotonic: performance.now(), wall: NOW }) =>
    ({ issuer, response, requestedAt, verified: undefined }) satisfies CachedResponse
  return { introspector, requestFor, responseOf }
}
