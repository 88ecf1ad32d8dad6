/**
 * A measured library. A bare operation is the base of the ratios; a peer is another library; the minimum is what none can save.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {'bare' | 'minimum' | 'peer' | 'bearward'} kind
 * @property {string} file in verifiers/
 * @property {true} [caches] a peer that caches each new token, as bearward does
 */

/**
 * What a file in verifiers/ creates for one algorithm.
 *
 * @typedef {object} Verifier
 * @property {(input: any) => unknown} verify throws or rejects where the token is bad
 * @property {(token: string) => unknown} [prepare] creates the input for `verify`, outside of the measured time
 * @property {readonly import('../lib/bad-tokens.mjs').Fault[]} [checks] what it refuses. Default: everything
 *
 * @typedef {object} Settings
 * @property {import('../lib/issuer.mjs').Algorithm} algorithm
 * @property {string} issuer
 * @property {string} audience
 * @property {{ keys: any[] }} jwks
 */

/** New tokens. @type {readonly Contestant[]} */
export const forNewTokens = [
  { name: 'bare `node:crypto` verify', kind: 'bare', file: 'node-crypto.mjs' },
  { name: 'hand-written check with a cache', kind: 'minimum', file: 'hand-written.mjs' },
  { name: 'jose', kind: 'peer', file: 'jose.mjs' },
  { name: 'oauth4webapi', kind: 'peer', file: 'oauth4webapi.mjs' },
  { name: 'fast-jwt', kind: 'peer', file: 'fast-jwt.mjs' },
  { name: 'fast-jwt with its cache', kind: 'peer', file: 'fast-jwt-cached.mjs', caches: true },
  { name: 'aws-jwt-verify', kind: 'peer', file: 'aws-jwt-verify.mjs' },
  { name: 'bearward', kind: 'bearward', file: 'bearward.mjs' },
]

/** Tokens seen before. A library without a cache does all the work again and is left out. @type {readonly Contestant[]} */
export const forSeenTokens = [
  { name: 'bare digest and lookup', kind: 'bare', file: 'look-up.mjs' },
  { name: 'fast-jwt with its cache', kind: 'peer', file: 'fast-jwt-cached.mjs' },
  { name: 'bearward', kind: 'bearward', file: 'bearward.mjs' },
]

/** Opaque tokens with a cached introspection response. No peer caches them. @type {readonly Contestant[]} */
export const forOpaqueTokens = [
  { name: 'bare digest and lookup', kind: 'bare', file: 'look-up.mjs' },
  { name: 'bearward', kind: 'bearward', file: 'bearward-opaque.mjs' },
]

export const PACKAGES = ['jose', 'oauth4webapi', 'fast-jwt', 'aws-jwt-verify', 'lru-cache']
