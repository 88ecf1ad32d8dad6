import { LRUCache } from 'lru-cache'
import { InvalidToken, Unavailable } from '../errors/errors.ts'
import { attempt, chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type BoundedCalls, CALL_DEADLINE, createBoundedCalls } from './bounded-calls.ts'
import type { IssuerContext } from './context.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { ResolverSettings, TrustedIssuers } from './registry-settings.ts'
import type { IssuerSettings } from './settings.ts'

/** The trusted issuers. An unverified `iss` only ever selects among them (RFC 8725 §3.8). */
export interface Issuers {
  /** @throws {InvalidToken} `issuer` where it is not one of ours; nobody is asked for it */
  select(iss: unknown): MaybePromise<Issuer>
  /** True if some issuer can be asked about tokens that are no JWTs. */
  readonly takesOpaque: boolean
  /** Those, as far as they are known, whose JWTs are not verified here. */
  readonly introspectedIssuers: ReadonlySet<string>
  /** Whose an opaque token is, as far as that can be told; `undefined` where it is nobody's. */
  forOpaque(token: string): Issuer | undefined
  /** Those alive at the moment. */
  all(): readonly Issuer[]
  /** Ends what runs in the background, of those that come later as well. */
  close(): void
}

export function createIssuers(settings: TrustedIssuers, context: IssuerContext): Issuers {
  return 'resolve' in settings ? resolvedIssuers(settings, context) : fixedIssuers(settings, context)
}

function fixedIssuers(settings: readonly IssuerSettings[], context: IssuerContext): Issuers {
  const byName = new Map<unknown, Issuer>(settings.map((one) => [one.issuer, createIssuer(one, context)]))
  const introspecting = [...byName.values()].filter(({ introspector: asker }) => asker)
  const prefixed = introspecting
    .flatMap((issuer) => (issuer.tokenPrefix ?? []).map((prefix) => [prefix, issuer] as const))
    .sort(([a], [b]) => b.length - a.length)
  const anyToken = introspecting.find(({ tokenPrefix }) => !tokenPrefix)
  return {
    select(iss) {
      const issuer = byName.get(iss)
      if (!issuer) throw new InvalidToken('issuer')
      return issuer
    },
    takesOpaque: introspecting.length > 0,
    introspectedIssuers: new Set(introspecting.filter(({ local }) => !local).map(({ name }) => name)),
    forOpaque: (token) => prefixed.find(([prefix]) => token.startsWith(prefix))?.[1] ?? anyToken,
    all: () => [...byName.values()],
    close: () => closeAll(byName.values()),
  }
}

/** Issuers resolved at run time, a bounded number of them alive. */
function resolvedIssuers(settings: ResolverSettings, context: IssuerContext): Issuers {
  // One that is pushed out is not closed: requests that wait for its keys are served, and nothing of it outlives them.
  const alive = new LRUCache<string, Issuer>({ max: settings.alive })
  const failed = new LRUCache<string, Unavailable>({ max: settings.alive, ttl: RESOLVE_PAUSE })
  const resolving = new Map<string, Promise<Issuer>>()
  const calls = createBoundedCalls()
  let closed = false

  const resolve = async (name: string): Promise<Issuer> => {
    try {
      const issuer = createIssuer(await calls.run(settings.resolve(name)), context)
      alive.set(name, issuer)
      if (closed) issuer.close()
      return issuer
    } catch (cause) {
      // Whatever went wrong, the caller's token may be perfectly good.
      const unavailable = new Unavailable('issuer_unavailable', { cause })
      failed.set(name, unavailable)
      throw unavailable
    } finally {
      resolving.delete(name)
    }
  }

  const abandoned = (name: string): Unavailable => {
    resolving.delete(name)
    return new Unavailable('issuer_unavailable')
  }

  const resolveOnce = (name: string): Promise<Issuer> => {
    const failure = failed.get(name)
    if (failure) throw new Unavailable('issuer_unavailable', { cause: failure.cause })
    const pending = resolving.get(name)
    if (pending) return withTimeout(CALL_DEADLINE + RESOLVE_PAUSE, pending, () => abandoned(name)).catch(anew)
    const started = resolve(name)
    resolving.set(name, started)
    return started
  }

  return {
    // An opaque token does not say which of them it is of. Their JWTs do, and are read before anybody is asked.
    takesOpaque: false,
    introspectedIssuers: new Set(),
    forOpaque: () => undefined,
    select(iss) {
      if (typeof iss !== 'string') throw new InvalidToken('issuer')
      // Asked each time, also for issuers that are alive: a tenant that was taken off the list stops at once.
      return chain(isAllowed(settings.allow, iss, calls), (allowed) => {
        if (allowed !== true) throw new InvalidToken('issuer')
        return alive.get(iss) ?? resolveOnce(iss)
      })
    },
    all: () => [...alive.values()],
    close() {
      closed = true
      calls.close()
      closeAll(alive.values())
    },
  }
}

/** A failure is shared by all who wait, but not the error: it carries the answer to one request. */
function anew(thrown: unknown): never {
  throw thrown instanceof Unavailable ? new Unavailable('issuer_unavailable', { cause: thrown.cause }) : thrown
}

function closeAll(issuers: Iterable<Issuer>): void {
  for (const issuer of issuers) issuer.close()
}

/** A store of tenants that cannot be asked is an outage of ours, not a bad token. */
function isAllowed(allow: ResolverSettings['allow'], iss: string, calls: BoundedCalls): MaybePromise<boolean> {
  const fail = (cause: unknown) => {
    throw new Unavailable('issuer_unavailable', { cause })
  }
  return attempt(() => {
    const allowed = allow.has(iss)
    return isPromise(allowed) ? calls.run(allowed) : allowed
  }, fail)
}

// Milliseconds for which an issuer is not looked up again after that has failed.
const RESOLVE_PAUSE = 1000
