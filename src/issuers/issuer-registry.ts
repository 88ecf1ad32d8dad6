import { LRUCache } from 'lru-cache'
import { ConfigurationError } from '../errors/errors.ts'
import { invalidToken, Refusal, unavailable } from '../errors/refusal.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import { type BoundedCalls, CALL_DEADLINE, createBoundedCalls } from './bounded-calls.ts'
import type { IssuerContext } from './context.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { ResolverSettings, TrustedIssuers } from './registry-settings.ts'
import type { IssuerSettings } from './settings.ts'

/** The trusted issuers. An unverified `iss` only ever selects among them (RFC 8725 §3.8). */
export interface Issuers {
  /** A configured issuer, without waiting; `undefined` where issuers are resolved at run time. */
  find(iss: unknown): Issuer | undefined
  /** Refused with `issuer` if it is not trusted; then no request is sent. */
  select(iss: unknown): Promise<Issuer | Refusal>
  /** True if some issuer introspects tokens that are not JWTs. */
  readonly takesOpaque: boolean
  /** The configured issuers whose JWTs are not verified here. */
  readonly introspectedIssuers: ReadonlySet<string>
  /** The issuer that introspects an opaque token; `undefined` if no issuer does. */
  forOpaque(token: string): Issuer | undefined
  /** The loaded issuers. */
  all(): readonly Issuer[]
  /** Stops background work, including that of issuers that are resolved later. */
  close(): void
}

export function createIssuers(settings: TrustedIssuers, context: IssuerContext): Issuers {
  return 'resolve' in settings ? resolvedIssuers(settings, context) : fixedIssuers(settings, context)
}

function fixedIssuers(settings: readonly IssuerSettings[], context: IssuerContext): Issuers {
  const byName = new Map<unknown, Issuer>(settings.map((one) => [one.issuer, createIssuer(one, context)]))
  const introspecting = [...byName.values()].filter(({ introspector }) => introspector)
  const prefixed = introspecting
    .flatMap((issuer) => (issuer.tokenPrefix ?? []).map((prefix) => [prefix, issuer] as const))
    .sort(([a], [b]) => b.length - a.length)
  const anyToken = introspecting.find(({ tokenPrefix }) => !tokenPrefix)
  return {
    find: (iss) => byName.get(iss),
    select: async (iss) => byName.get(iss) ?? invalidToken('issuer'),
    takesOpaque: introspecting.length > 0,
    introspectedIssuers: new Set(introspecting.filter(({ local }) => !local).map(({ name }) => name)),
    forOpaque: (token) => prefixed.find(([prefix]) => token.startsWith(prefix))?.[1] ?? anyToken,
    all: () => [...byName.values()],
    close: () => closeAll(byName.values()),
  }
}

/** Issuers that are resolved at run time, a bounded number of them loaded. */
function resolvedIssuers(settings: ResolverSettings, context: IssuerContext): Issuers {
  // An evicted issuer is not closed, so that requests waiting for its keys succeed. It has no work beyond them.
  const loaded = new LRUCache<string, Issuer>({ max: settings.alive })
  const failed = new LRUCache<string, Refusal>({ max: settings.alive, ttl: RESOLVE_PAUSE })
  const pending = new Map<string, SharedWork<Issuer | Refusal>>()
  const calls = createBoundedCalls()
  let closed = false

  async function resolve(name: string): Promise<Issuer | Refusal> {
    try {
      const issuer = createIssuer(await calls.run(settings.resolve(name)), context)
      loaded.set(name, issuer)
      if (closed) issuer.close()
      return issuer
    } catch (cause) {
      if (cause instanceof ConfigurationError) {
        const { option, problem } = cause
        context.events.emit({ type: 'configuration', issuer: name, option, problem })
      }
      // Not the caller's fault: the token may be valid.
      const refusal = unavailable('issuer_unavailable', { cause })
      failed.set(name, refusal)
      return refusal
    }
  }

  async function resolveOnce(name: string): Promise<Issuer | Refusal> {
    const failure = failed.get(name)
    if (failure) return failure
    const existing = pending.get(name)
    if (existing && !existing.isAbandoned()) return existing.outcome()
    const started = startSharedWork<Issuer | Refusal>(
      () => resolve(name),
      CALL_DEADLINE,
      () => unavailable('issuer_unavailable'),
      (self) => {
        if (pending.get(name) === self) pending.delete(name)
      },
    )
    pending.set(name, started)
    return started.outcome()
  }

  return {
    find: () => undefined,
    // An opaque token does not name its issuer.
    takesOpaque: false,
    introspectedIssuers: new Set(),
    forOpaque: () => undefined,
    async select(iss) {
      if (typeof iss !== 'string') return invalidToken('issuer')
      // Checked each time, even for loaded issuers: a removed tenant is refused immediately.
      const allowed = await isAllowed(settings.allow, iss, calls)
      if (allowed instanceof Refusal) return allowed
      return allowed === true ? (loaded.get(iss) ?? resolveOnce(iss)) : invalidToken('issuer')
    },
    all: () => [...loaded.values()],
    close() {
      closed = true
      calls.close()
      closeAll(loaded.values())
    },
  }
}

function closeAll(issuers: Iterable<Issuer>): void {
  for (const issuer of issuers) issuer.close()
}

/** An allow-list that cannot be read is our outage, not a bad token. */
async function isAllowed(allow: ResolverSettings['allow'], iss: string, calls: BoundedCalls): Promise<unknown> {
  try {
    const allowed = allow.has(iss)
    return typeof allowed === 'boolean' ? allowed : await calls.run(allowed)
  } catch (cause) {
    return unavailable('issuer_unavailable', { cause })
  }
}

// Milliseconds for which a failed issuer is not resolved again.
const RESOLVE_PAUSE = 1000
