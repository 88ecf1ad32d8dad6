/**
 * One server that is measured: a framework, and what guards its one route.
 *
 * @typedef {object} Variant
 * @property {'Express' | 'Fastify' | 'Hono'} framework
 * @property {string} guard a name in servers/
 * @property {'bare' | 'peer' | 'bearward'} kind
 */

/** @type {readonly Variant[]} */
export const variants = [
  { framework: 'Express', guard: 'bare', kind: 'bare' },
  { framework: 'Express', guard: 'express-oauth2-jwt-bearer', kind: 'peer' },
  { framework: 'Express', guard: 'express-jwt, jwks-rsa', kind: 'peer' },
  { framework: 'Express', guard: 'bearward', kind: 'bearward' },
  { framework: 'Fastify', guard: 'bare', kind: 'bare' },
  { framework: 'Fastify', guard: '@fastify/jwt, get-jwks', kind: 'peer' },
  { framework: 'Fastify', guard: '@fastify/jwt with its cache, get-jwks', kind: 'peer' },
  { framework: 'Fastify', guard: 'bearward', kind: 'bearward' },
  { framework: 'Hono', guard: 'bare', kind: 'bare' },
  { framework: 'Hono', guard: 'hono/jwk', kind: 'peer' },
  { framework: 'Hono', guard: 'hono/jwk, keys given', kind: 'peer' },
  { framework: 'Hono', guard: 'bearward', kind: 'bearward' },
]

/**
 * What is sent, and what a guarded route answers to it.
 *
 * @typedef {'seen' | 'new' | 'none' | 'bad'} Kind
 */

/** @type {Readonly<Record<Kind, { title: string, status: number }>>} */
export const requestKinds = {
  seen: { title: 'Token seen before', status: 200 },
  new: { title: 'New token', status: 200 },
  none: { title: 'No token', status: 401 },
  bad: { title: 'Bad token', status: 401 },
}
