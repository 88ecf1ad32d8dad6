import { LRUCache } from 'lru-cache'
import { ConfigurationError } from '../errors/errors.ts'
import { invalidToken, Refusal, unavailable } from '../errors/refusal.ts'
import { refreshPoint } from '../jwks/freshness.ts'
import { redactError } from '../upstream/redact-error.ts'
import { isEqual } from '../util/is-equal.ts'
import { monotonicNow } from '../util/runtime.ts'
import { LONG_AGO } from '../util/time.ts'
import { keepAlive } from '../util/wait-until.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type BoundedCalls, createBoundedCalls } from './bounded-calls.ts'
import type { IssuerParts } from './create-introspector.ts'
import { createKeptIntrospectors, withBackoff } from './evicted-issuers.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { Issuers } from './issuer-registry.ts'
import { createLookups } from './lookups.ts'
import type { ResolverSettings } from './registry-settings.ts'
import type { IssuerSettings } from './settings.ts'
import { createSharedState, entriesFor, type SharedState } from './shared-state.ts'

/** An issuer with the options that were resolved last. */
interface Loaded {
  readonly issuer: Issuer
  readonly settings: IssuerSettings
  /** When they are resolved again, and when requests wait for that: milliseconds on a clock that never jumps. */
  refreshAt: number
  staleAt: number
}

// Milliseconds for which requests wait for options that are resolved again.
const MAX_WAIT = 300
// Milliseconds after a failure.
const PAUSE = 30_000

/** Issuers that are resolved at run time, a bounded number of them loaded. */
export function createResolvedIssuers(settings: ResolverSettings, context: IssuerParts): Issuers {
  const { events } = context
  const shared = createSharedState(settings.alive, true)
  const introspectors = createKeptIntrospectors(entriesFor(settings.alive), context.createIntrospector)
  const noticed = new LRUCache<string, true>({ max: entriesFor(settings.alive) })
  const parts: IssuerParts = { ...context, createIntrospector: introspectors.create }
  // An evicted issuer is not closed, so that requests waiting for its keys succeed. It has no work beyond them.
  const loaded = new LRUCache<string, Loaded>({
    max: settings.alive,
    dispose: (_, issuer, why) => {
      if (why === 'evict') events.emit({ type: 'issuer_evicted', issuer })
    },
  })
  const calls = createBoundedCalls()
  const lookups = createLookups<Issuer>({
    limits: settings.lookups,
    size: settings.alive,
    lookUp,
    onLimited: atMostOncePer(1000, () => events.emit({ type: 'lookups_limited', ...settings.lookups })),
  })

  async function lookUp(name: string): Promise<Issuer | Refusal> {
    const refusal = await checkTrusted(name)
    if (refusal) return refusal
    try {
      return load(name, await calls.run(settings.resolve(name)))
    } catch (thrown) {
      if (thrown instanceof ConfigurationError) {
        const { option, problem } = thrown
        events.emit({ type: 'configuration', issuer: name, option, problem })
      }
      // Not the caller's fault: the token may be valid.
      return issuerUnavailable(thrown)
    }
  }

  /** With the same options, the issuer remains, and what is cached of it. */
  function load(name: string, options: IssuerSettings): Issuer {
    const earlier = loaded.peek(name)
    const issuer =
      earlier && isEqual(earlier.settings, options)
        ? earlier.issuer
        : createIssuer(withNewNotices(options), parts, sharedFor(options))
    const now = monotonicNow()
    const refreshAt = now + refreshPoint(settings.maxAge) * 1000
    loaded.set(name, { issuer, settings: options, refreshAt, staleAt: now + settings.maxAge * 1000 })
    return issuer
  }

  /** An issuer that was evicted repeats none of its notices: tokens would decide how many events there are. */
  function withNewNotices(options: IssuerSettings): IssuerSettings {
    const text = JSON.stringify([options.issuer, options.notices])
    const isNew = !noticed.has(text)
    noticed.set(text, true)
    return isNew ? options : { ...options, notices: [] }
  }

  const sharedFor = ({ jwksCache }: IssuerSettings): SharedState => ({
    ...shared,
    discovery: (key, create) => shared.discovery(key, () => withBackoff(create(), jwksCache)),
  })

  /** A loaded issuer; its options are resolved again from time to time. While that fails, the earlier ones are used. */
  function current(name: string, one: Loaded): Issuer | Promise<Issuer> {
    const now = monotonicNow()
    if (now < one.refreshAt) return one.issuer
    const refreshed = lookups.run(name).then((outcome) => {
      if (!(outcome instanceof Refusal)) return outcome
      one.refreshAt = monotonicNow() + PAUSE
      return one.issuer
    })
    if (now >= one.staleAt) return withTimeout(MAX_WAIT, refreshed, () => one.issuer)
    keepAlive(context.waitUntil, refreshed)
    return one.issuer
  }

  async function checkTrusted(name: string): Promise<Refusal | undefined> {
    const allowed = await isAllowed(settings.allow, name, calls)
    if (allowed instanceof Refusal) return allowed
    if (allowed === true) return undefined
    // If it is trusted again later, its options may be others.
    loaded.delete(name)
    introspectors.delete(name)
    return invalidToken('issuer')
  }

  return {
    areFixed: false,
    listed: settings.listed,
    find: () => undefined,
    loaded: (name) => loaded.peek(name)?.issuer,
    async select(iss) {
      if (typeof iss !== 'string') return invalidToken('issuer')
      const one = loaded.get(iss)
      // Of loaded issuers, the allow-list is read each time: a removed tenant is refused immediately. A list in memory
      // needs no limits.
      if (!one && !(settings.allow instanceof Set)) return lookups.run(iss)
      return (await checkTrusted(iss)) ?? (one ? current(iss, one) : lookups.run(iss))
    },
    all: () => [...loaded.values()].map(({ issuer }) => issuer),
    close() {
      calls.close()
      shared.closing.close()
    },
  }
}

function atMostOncePer(milliseconds: number, run: () => void): () => void {
  let last = LONG_AGO
  return () => {
    const now = monotonicNow()
    if (now - last < milliseconds) return
    last = now
    run()
  }
}

/** An allow-list that cannot be read is our outage, not a bad token. */
async function isAllowed(allow: ResolverSettings['allow'], iss: string, calls: BoundedCalls): Promise<unknown> {
  try {
    const allowed = allow.has(iss)
    return typeof allowed === 'boolean' ? allowed : await calls.run(allowed)
  } catch (thrown) {
    return issuerUnavailable(thrown)
  }
}

const issuerUnavailable = (thrown: unknown): Refusal =>
  unavailable('issuer_unavailable', { cause: thrown instanceof ConfigurationError ? thrown : redactError(thrown) })
