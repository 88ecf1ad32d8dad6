/**
 * One server that is measured: a framework, and what guards one of its two routes.
 *
 * @typedef {object} Variant
 * @property {string} framework a name in servers/, and after ` on `, what it runs on
 * @property {string} guard a name in servers/
 * @property {'hand' | 'peer' | 'bearward'} kind
 */

/** @type {Record<string, readonly string[]>} */
const peers = {
  Express: ['express-oauth2-jwt-bearer', 'express-jwt, jwks-rsa', 'passport-jwt, jwks-rsa'],
  Fastify: ['@fastify/jwt, get-jwks', '@fastify/jwt with its cache, get-jwks'],
  Hono: ['hono/jwk', 'hono/jwk, keys given', 'oauth4webapi'],
}

export const frameworks = Object.keys(peers)

/** @type {readonly Variant[]} */
export const variants = frameworks.flatMap((framework) => [
  { framework, guard: 'hand-written check', kind: 'hand' },
  ...peers[framework].map((guard) => ({ framework, guard, kind: /** @type {const} */ ('peer') })),
  { framework, guard: 'bearward', kind: 'bearward' },
])

/**
 * A kind of request, and the status of a guarded route.
 *
 * @typedef {'seen' | 'new' | 'opaque' | 'none' | 'bad'} Kind
 */

/** @type {Readonly<Record<Kind, { title: string, status: number }>>} */
const all = {
  seen: { title: 'Token seen before', status: 200 },
  new: { title: 'New token', status: 200 },
  opaque: { title: 'Opaque token with a cached response', status: 200 },
  none: { title: 'No token', status: 401 },
  bad: { title: 'Bad token', status: 401 },
}

export const requestKinds = Object.entries(all).map(([name, kind]) => ({ name: /** @type {Kind} */ (name), ...kind }))

/**
 * True if a server is measured with this kind. No peer caches introspection responses.
 *
 * @param {Variant} variant
 * @param {Kind} requestKind
 */
export const takes = ({ kind }, requestKind) => requestKind !== 'opaque' || kind !== 'peer'
