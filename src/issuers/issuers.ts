import { LRUCache } from 'lru-cache'
import { InvalidToken, Unavailable } from '../errors.ts'
import { withDeadline } from '../http/deadline.ts'
import type { IssuerSettings } from '../options/issuer-options.ts'
import type { ResolverSettings } from '../options/server-options.ts'
import { attempt, chain, isPromise, type MaybePromise } from '../platform/maybe-promise.ts'
import { createIssuer, type Issuer, type IssuerContext } from './issuer.ts'

/** The trusted issuers. An unverified `iss` only ever selects among them (RFC 8725 §3.8). */
export interface Issuers {
  /** @throws {InvalidToken} `issuer` where it is not one of ours; nobody is asked for it */
  select(iss: unknown): MaybePromise<Issuer>
  /** Those alive at the moment. */
  all(): readonly Issuer[]
}

export function createIssuers(settings: readonly IssuerSettings[] | ResolverSettings, context: IssuerContext): Issuers {
  return 'resolve' in settings ? resolvedIssuers(settings, context) : fixedIssuers(settings, context)
}

function fixedIssuers(settings: readonly IssuerSettings[], context: IssuerContext): Issuers {
  const byName = new Map<unknown, Issuer>(settings.map((one) => [one.issuer, createIssuer(one, context)]))
  return {
    select(iss) {
      const issuer = byName.get(iss)
      if (!issuer) throw new InvalidToken('issuer')
      return issuer
    },
    all: () => [...byName.values()],
  }
}

/** Issuers resolved at run time, a bounded number of them alive. */
function resolvedIssuers(settings: ResolverSettings, context: IssuerContext): Issuers {
  const alive = new LRUCache<string, Issuer>({ max: settings.alive, dispose: (issuer) => issuer.close() })
  const resolving = new Map<string, Promise<Issuer>>()

  const resolve = async (name: string): Promise<Issuer> => {
    try {
      const issuer = createIssuer(await inTime(settings.resolve(name)), context)
      alive.set(name, issuer)
      return issuer
    } catch (cause) {
      // Whatever went wrong, the caller's token may be perfectly good.
      throw new Unavailable('issuer_unavailable', { cause })
    } finally {
      resolving.delete(name)
    }
  }

  const resolveOnce = (name: string): Promise<Issuer> => {
    const pending = resolving.get(name) ?? resolve(name)
    resolving.set(name, pending)
    return pending
  }

  return {
    select(iss) {
      if (typeof iss !== 'string') throw new InvalidToken('issuer')
      // Asked each time, also for issuers that are alive: a tenant that was taken off the list stops at once.
      return chain(isAllowed(settings.allow, iss), (allowed) => {
        if (allowed !== true) throw new InvalidToken('issuer')
        return alive.get(iss) ?? resolveOnce(iss)
      })
    },
    all: () => [...alive.values()],
  }
}

/** A store of tenants that cannot be asked is an outage of ours, not a bad token. */
function isAllowed(allow: ResolverSettings['allow'], iss: string): MaybePromise<boolean> {
  const fail = (cause: unknown) => {
    throw new Unavailable('issuer_unavailable', { cause })
  }
  return attempt(() => {
    const allowed = allow.has(iss)
    return isPromise(allowed) ? inTime(allowed) : allowed
  }, fail)
}

const DEADLINE = 3000
const NEVER = new AbortController().signal

/** The application's own look-ups get as long as a fetch would. */
const inTime = <T>(step: Promise<T>): Promise<T> => withDeadline(DEADLINE, NEVER, ({ race }) => race(step))
