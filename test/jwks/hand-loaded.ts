import type { JwksCacheTimes } from '../../src/jwks/freshness.ts'
import { JwksCache } from '../../src/jwks/jwks-cache.ts'
import type { KeyIndex } from '../../src/jwks/key-index.ts'
import type { SetRequest } from '../../src/jwks/shared-key-sets.ts'
import type { VerificationKey } from '../../src/jws/engine.ts'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'

const FRESHNESS = { maxAge: undefined, staleIfError: 3600, cooldown: 30, backoff: 1, maxBackoff: 60 }

/** A key index with one key. */
export function table(kid: string, key: VerificationKey = keyThat(false)): KeyIndex {
  return {
    entries: [{ identity: kid, kid, algorithm: 'ES256', verify: key.verify }],
    find: (_algorithm, requested) => (requested === kid ? [key] : []),
    has: (other) => other === key,
    hasKid: (other) => other === undefined || other === kid,
  }
}

export const keyThat = (verifies: boolean): VerificationKey => ({ verify: () => verifies })

/** A set that cannot be read. */
export const UNUSABLE = table('unusable')

/** Until what a load has set off is done. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

/** Keys whose loads the test settles by hand, on its own clock. */
export function managed(
  times: Partial<JwksCacheTimes> = {},
  { lifetime = 600, reading = Promise.resolve() }: { lifetime?: number; reading?: Promise<void> } = {},
) {
  let time = 0
  const loads: { request: SetRequest; resolve(table: KeyIndex): void; reject(thrown: unknown): void }[] = []
  const keys = new JwksCache({
    jwksCache: { ...FRESHNESS, ...times },
    deadline: 3000,
    waitUntil: undefined,
    now: () => time,
    source: {
      load: async (request) => {
        const json = await new Promise<KeyIndex>((resolve, reject) => loads.push({ request, resolve, reject }))
        return { json, lifetime }
      },
    },
    read: async (json) => {
      await reading
      if (json === UNUSABLE) throw new UpstreamError('shape', 'x')
      return json as KeyIndex
    },
  })
  return {
    keys,
    loads,
    advance: (seconds: number) => {
      time += seconds * 1000
    },
  }
}

/** For tests with such loads: one that does not start makes them wait forever. */
export const QUICK = { timeout: 2000 }

/** The same, with a set of the key `a` loaded at 0. */
export async function loadedAt0(...args: Parameters<typeof managed>) {
  const all = managed(...args)
  const found = all.keys.find('ES256', 'a')
  all.loads[0]?.resolve(table('a'))
  await found
  return all
}
