import type { Discovery } from '../discovery/discovery-cache.ts'
import { JwksCache } from '../jwks/jwks-cache.ts'
import { discoveredSource, type KeySource, ownSource, setAt, staticSource, urlSource } from '../jwks/jwks-source.ts'
import { type KeyIndex, readKeySet } from '../jwks/key-index.ts'
import type { SharedKeySets } from '../jwks/shared-key-sets.ts'
import type { Upstream } from '../upstream/client.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { monotonicNow } from '../util/runtime.ts'
import type { IssuerContext } from './context.ts'
import type { IssuerSettings } from './settings.ts'

interface KeysContext extends IssuerContext {
  readonly upstream: Upstream
  readonly discovery: Discovery
  readonly closing: Closing
  readonly keySets: SharedKeySets
}

/** The JWKS cache of an issuer; `undefined` if no JWT is verified locally. */
export function createIssuerKeys(settings: IssuerSettings, context: KeysContext): JwksCache | undefined {
  const source = sourceOf(settings, context)
  return (
    source &&
    new JwksCache({
      source,
      jwksCache: settings.jwksCache,
      read: reader(settings, context),
      now: monotonicNow,
      deadline: settings.deadline * 1000,
      waitUntil: context.waitUntil,
    })
  )
}

function sourceOf(
  settings: IssuerSettings,
  { upstream, discovery, closing, keySets }: KeysContext,
): KeySource | undefined {
  const { keys } = settings
  const deadline = settings.deadline * 1000
  const load = setAt(keySets, upstream, { times: settings.jwksCache, deadline })
  switch (keys.from) {
    case 'nowhere':
      return undefined
    case 'static':
      return staticSource(keys.set)
    case 'own':
      return ownSource(keys.keySet, deadline, closing)
    case 'url':
      return urlSource(keys.url, load)
    case 'discovery':
      return discoveredSource(discovery, load, deadline)
  }
}

/** Reads the key sets of one issuer and emits what changed. */
function reader(settings: IssuerSettings, { events, limits }: KeysContext) {
  const { issuer, algorithms, algorithmsNamed } = settings
  return async (
    json: unknown,
    advertised: readonly string[] | undefined,
    previous: KeyIndex | undefined,
  ): Promise<KeyIndex> => {
    const accepted =
      algorithmsNamed || !advertised ? algorithms : algorithms.filter((algorithm) => advertised.includes(algorithm))
    const rules = { issuer, algorithms: accepted, maxKeys: limits.keys }
    const index = await readKeySet(json, rules, previous, (kid, problem) =>
      events.emit({ type: 'key_skipped', issuer, kid, problem }),
    )
    const [before, after] = [kidsOf(previous), kidsOf(index)]
    const added = after.filter((kid) => !before.includes(kid))
    const removed = before.filter((kid) => !after.includes(kid))
    const changed = index.entries.some(
      ({ identity }) => !previous?.entries.some((entry) => entry.identity === identity),
    )
    if (changed || removed.length > 0)
      events.emit({ type: 'keys', issuer, added, removed, total: index.entries.length })
    return index
  }
}

const kidsOf = (index: KeyIndex | undefined): readonly string[] => index?.entries.map(({ kid }) => kid ?? '') ?? []
