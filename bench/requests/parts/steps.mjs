import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/**
 * What has to be done for a token seen before: each step does what the one before does, and one thing more. Only
 * `verify` begins anew after `read`, and does bearward's work in place of digest and look-up.
 */
export const steps = /** @type {const} */ ([
  { name: 'nothing', title: "the framework's own hook or middleware, which does nothing" },
  { name: 'read', title: '… and reads the token from the Authorization field' },
  { name: 'digest', title: '… and makes its SHA-256 (`hash` of node:crypto)' },
  { name: 'look-up', title: '… and looks it up in a cache (lru-cache)' },
  { name: 'verify', title: 'reads the token, and gives it to `verify` of bearward' },
  { name: 'guard', title: '**the whole guard, `requireScope` of bearward**' },
])

/** The step before bearward's own work, which takes what no guard can leave out. */
export const UNAVOIDABLE = 'look-up'

/** Two routes without a guard. */
export const FIRST = 'first'
export const LAST = 'last'

/** @typedef {typeof steps[number]['name'] | typeof FIRST | typeof LAST} Route */

export const routes = /** @type {readonly Route[]} */ ([FIRST, ...steps.map(({ name }) => name), LAST])

/** @param {string} route */
export const pathOf = (route) => `/${route}`

/**
 * The steps between the hook that does nothing and the whole guard: the same on every framework.
 *
 * @param {(token: string) => unknown} verify
 * @returns {Record<'read' | 'digest' | 'look-up' | 'verify', (authorization: string | undefined) => void>}
 */
export function createSteps(verify) {
  /** @type {LRUCache<string, object>} */
  const cache = new LRUCache({ max: 10_000 })
  return {
    read: (authorization) => {
      tokenOf(authorization)
    },
    digest: (authorization) => {
      digestOf(authorization)
    },
    'look-up': (authorization) => {
      const digest = digestOf(authorization)
      if (cache.get(digest) === undefined) cache.set(digest, {})
    },
    // A promise only for a token's first requests, which are those of the warm-up. Were it refused, the process would end.
    verify: (authorization) => {
      verify(tokenOf(authorization))
    },
  }
}

/** @param {string | undefined} authorization */
function tokenOf(authorization) {
  if (!authorization?.startsWith('Bearer ')) throw new Error('a request came without its token')
  return authorization.slice(7)
}

const digestOf = (/** @type {string | undefined} */ authorization) => hash('sha256', tokenOf(authorization), 'base64')
