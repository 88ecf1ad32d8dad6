import type { Emitter } from '../events.ts'
import type { FetchBounds } from '../http/bounded-fetch.ts'
import type { UnverifiedJwt } from '../jwt/compact.ts'
import { stillGood, type VerifiedJwt, verifyJwt } from '../jwt/verify-jwt.ts'
import { discoveredSource, type KeySource, ownSource, staticSource, urlSource } from '../keys/key-source.ts'
import { type KeyTable, readKeySet } from '../keys/key-table.ts'
import { type KeysState, ManagedKeys } from '../keys/managed-keys.ts'
import { createUpstream } from '../keys/upstream.ts'
import type { IssuerSettings } from '../options/issuer-options.ts'
import type { MaybePromise } from '../platform/maybe-promise.ts'
import { monotonicNow } from '../platform/runtime.ts'
import type { NumericDate } from '../platform/time.ts'

/** One trusted authorization server, with its rules and its keys. */
export interface Issuer {
  readonly name: string
  readonly scopeClaims: readonly string[]
  /** What is known of a good access token; throws or rejects otherwise. */
  verify(jwt: UnverifiedJwt): MaybePromise<VerifiedJwt>
  /** True while a token verified before is good without another look at it. */
  stillGood(jwt: VerifiedJwt): boolean
  ready(): Promise<void>
  state(): IssuerState
  /** Ends what runs in the background. Loaded keys go on serving for as long as they may. */
  close(): void
}

export interface IssuerState {
  readonly issuer: string
  readonly keys: KeysState
}

/** What all issuers of a server share. */
export interface IssuerContext extends Pick<FetchBounds, 'fetch' | 'maxBytes'> {
  readonly maxKeys: number
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly clock: () => NumericDate
  readonly events: Emitter
}

export function createIssuer(settings: IssuerSettings, context: IssuerContext): Issuer {
  const closing = new AbortController()
  const keys = new ManagedKeys({
    source: sourceOf(settings, context, closing.signal),
    freshness: settings.freshness,
    read: reader(settings, context),
    now: monotonicNow,
    deadline: settings.deadline * 1000,
    waitUntil: context.waitUntil,
  })
  return {
    name: settings.issuer,
    scopeClaims: settings.scopeClaims,
    verify: (jwt) => verifyJwt(jwt, settings, keys, context.clock),
    stillGood: (jwt) => stillGood(jwt, settings, keys, context.clock()),
    ready: () => keys.ready(),
    state: () => ({ issuer: settings.issuer, keys: keys.state() }),
    close: () => closing.abort(),
  }
}

function sourceOf(settings: IssuerSettings, context: IssuerContext, closing: AbortSignal): KeySource {
  const { issuer, internalUrl, keys } = settings
  const deadline = settings.deadline * 1000
  const { fetch, maxBytes } = context
  const upstream = createUpstream(issuer, { fetch, maxBytes, deadline, signal: closing }, context.events)
  switch (keys.from) {
    case 'static':
      return staticSource(keys.set)
    case 'own':
      return ownSource(keys.keySet, deadline, closing)
    case 'url':
      return urlSource(keys.url, upstream)
    case 'discovery':
      return discoveredSource({ issuer, internalUrl }, upstream, deadline, monotonicNow)
  }
}

/** Reads sets for one issuer and tells what changed in them. */
function reader(settings: IssuerSettings, { events, maxKeys }: IssuerContext) {
  const { issuer, algorithms, algorithmsNamed } = settings
  return async (
    json: unknown,
    published: readonly string[] | undefined,
    previous: KeyTable | undefined,
  ): Promise<KeyTable> => {
    const accepted =
      algorithmsNamed || !published ? algorithms : algorithms.filter((algorithm) => published.includes(algorithm))
    const table = await readKeySet(json, { algorithms: accepted, maxKeys }, previous, (kid, problem) =>
      events.emit({ type: 'key_skipped', issuer, kid, problem }),
    )
    const [before, after] = [kidsOf(previous), kidsOf(table)]
    const added = after.filter((kid) => !before.includes(kid))
    const removed = before.filter((kid) => !after.includes(kid))
    const changed = table.entries.some(
      ({ identity }) => !previous?.entries.some((entry) => entry.identity === identity),
    )
    if (changed || removed.length > 0)
      events.emit({ type: 'keys', issuer, added, removed, total: table.entries.length })
    return table
  }
}

const kidsOf = (table: KeyTable | undefined): readonly string[] => table?.entries.map(({ kid }) => kid ?? '') ?? []
