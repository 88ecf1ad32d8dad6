import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** On Express and Fastify by a property of the request, on Hono by a variable of the context. */
export const HAND_OVER = 'hand-over'

/**
 * The work for a token seen before: each step adds one thing to the previous one. Only `verify` continues from `read`,
 * and does bearward's work instead of digest and look-up.
 */
export const steps = /** @type {const} */ ([
  { name: 'nothing', title: "the framework's own hook or middleware, without any work" },
  { name: 'read', title: '… and reads the token from the Authorization header' },
  { name: 'digest', title: '… and computes its SHA-256 (`hash` of node:crypto)' },
  { name: 'look-up', title: '… and looks it up in a cache (lru-cache)' },
  { name: HAND_OVER, title: '… and passes the result to the handler, with the request' },
  { name: 'verify', title: 'reads the token, and passes it to `verify` of bearward' },
  { name: 'guard', title: '**the whole guard, `requireScope` of bearward**' },
])

/** The step before bearward's own work, which takes what no guard can leave out. */
export const UNAVOIDABLE = HAND_OVER

/** Two routes without a guard. */
export const FIRST = 'first'
export const LAST = 'last'

/** @typedef {typeof steps[number]['name'] | typeof FIRST | typeof LAST} Route */

export const routes = /** @type {readonly Route[]} */ ([FIRST, ...steps.map(({ name }) => name), LAST])

/** @param {string} route */
export const pathOf = (route) => `/${route}`

/**
 * The steps between the hook that does nothing and the whole guard: the same on every framework, but for the last one,
 * which leaves it to the framework to hand over what it returns.
 *
 * @param {(token: string) => unknown} verify
 * @returns {Record<'read' | 'digest' | 'look-up' | 'verify' | typeof HAND_OVER, (authorization: string | undefined) => unknown>}
 */
export function createSteps(verify) {
  return {
    read: tokenOf,
    digest: digestOf,
    'look-up': createLookUp(),
    // A promise only for a token's first requests, which are those of the warm-up. Were it refused, the process would end.
    verify: (authorization) => verify(tokenOf(authorization)),
    [HAND_OVER]: createLookUp(),
  }
}

function createLookUp() {
  /** @type {LRUCache<string, object>} */
  const cache = new LRUCache({ max: 10_000 })
  return (/** @type {string | undefined} */ authorization) => {
    const digest = digestOf(authorization)
    const cached = cache.get(digest)
    if (cached) return cached
    const found = {}
    cache.set(digest, found)
    return found
  }
}

/** @param {string | undefined} authorization */
function tokenOf(authorization) {
  if (!authorization?.startsWith('Bearer ')) throw new Error('a request came without its token')
  return authorization.slice(7)
}

const digestOf = (/** @type {string | undefined} */ authorization) => hash('sha256', tokenOf(authorization), 'base64')
