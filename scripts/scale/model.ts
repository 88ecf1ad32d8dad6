/** Processes of one API, and their traffic. */
export interface Fleet {
  readonly processes: number
  /** Requests a second with JWTs, over all processes. */
  readonly jwtRequests: number
  /** Requests a second with opaque tokens, over all processes. */
  readonly opaqueRequests: number
  /** URLs of key sets, evenly used: issuers behind one URL count once. */
  readonly keySets: number
  /** Seconds for which a key set is fresh. */
  readonly keyLifetime: number
  /** Opaque tokens in use, evenly. */
  readonly opaqueTokens: number
  /** How many processes receive the same token: all, unless the load balancer chooses by token. */
  readonly processesOfToken?: number
  /** `introspection.cache.active`, in seconds. */
  readonly active: number
  /** Whether introspection responses are shared: `stores.introspection`. */
  readonly shared: boolean
  /** Whether revocations are shared: `revocation({ store })`. */
  readonly revocations: boolean
}

/** What the processes ask of others, a second. */
export interface Upstream {
  readonly keySetFetches: number
  readonly introspections: number
  /** Calls of `stores.introspection`. */
  readonly responseStoreCalls: number
  /** Calls of the store of revocations. */
  readonly revocationStoreCalls: number
}

/** The middle of the range in which a refresh becomes due; it begins with the next request. */
const REFRESH_AT = 0.75

const POLLS_PER_SECOND = 2

// The process that introspects looks into the store, claims the token, looks again, writes the response and releases the
// claim; the others only look.
const CALLS_OF_FIRST = 5

/** Refreshes a second of `copies`, such as one key set in each process. Status lists are refreshed in the same way. */
function refreshes(copies: number, lifetime: number, requests: number): number {
  const untilNextRequest = copies / requests
  return copies / (REFRESH_AT * lifetime + untilNextRequest)
}

/** Requests are assumed to be independent of each other, so that they arrive as a Poisson process. */
export function upstreamOf(fleet: Fleet): Upstream {
  const { processes, keySets, opaqueTokens, active, processesOfToken = processes } = fleet
  const keySetFetches = refreshes(processes * keySets, fleet.keyLifetime, fleet.jwtRequests)
  const ofToken = fleet.opaqueRequests / opaqueTokens
  const revocationStoreCalls = fleet.revocations ? processes * POLLS_PER_SECOND : 0
  const ofTokenInOne = ofToken / processesOfToken
  if (!fleet.shared) {
    const introspections = (processesOfToken * opaqueTokens) / (active + 1 / ofTokenInOne)
    return { keySetFetches, introspections, responseStoreCalls: 0, revocationStoreCalls }
  }
  const introspections = opaqueTokens / (active + 1 / ofToken)
  // The age of a shared response counts from its request, so that it expires in all processes at once.
  const others = (processesOfToken - 1) * (1 - Math.exp(-ofTokenInOne * active))
  return {
    keySetFetches,
    introspections,
    responseStoreCalls: introspections * (CALLS_OF_FIRST + others),
    revocationStoreCalls,
  }
}
