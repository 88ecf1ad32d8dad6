import Fastify from 'fastify'
import { importBearward } from '../../lib/bearward.mjs'
import { observers } from '../../observers/attach.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { ownOptions } from './options.mjs'

/** @typedef {import('../server.mjs').Settings} Settings */

/**
 * Hooks for the route, and how its handler gets at the subject.
 *
 * @typedef {{ onRequest: any[], subject: (request: any) => string }} Guard
 */

/** @type {Record<string, (app: import('fastify').FastifyInstance, settings: Settings) => Promise<Guard>>} */
const guards = {
  async 'hand-written check'(_app, settings) {
    const check = await createCheck(settings)
    const onRequest = (/** @type {any} */ request, /** @type {any} */ reply, /** @type {() => void} */ done) => {
      whenDecided(check(request.headers.authorization), ({ status, claims }) => {
        if (status !== 200) return reply.code(status).header('WWW-Authenticate', 'Bearer').send({ status })
        request.claims = claims
        done()
      })
    }
    return { onRequest: [onRequest], subject: ({ claims }) => claims.sub }
  },

  '@fastify/jwt, get-jwks': (app, settings) => fastifyJwt(app, settings, false),
  '@fastify/jwt with its cache, get-jwks': (app, settings) => fastifyJwt(app, settings, true),

  bearward: (app, settings) => bearward(app, ownOptions(settings), settings),
}

for (const [name, attach] of Object.entries(observers)) {
  guards[name] = async (app, settings) => {
    const guard = await bearward(app, ownOptions(settings), settings)
    await attach(/** @type {any} */ (app).resourceServer)
    return guard
  }
}

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {object} options
 * @param {Settings} settings
 * @returns {Promise<Guard>}
 */
async function bearward(app, options, { scope }) {
  const { default: plugin } = await importBearward('./fastify/plugin')
  await app.register(plugin, options)
  const { requireScope } = /** @type {any} */ (app)
  return { onRequest: [requireScope(scope)], subject: ({ accessToken }) => accessToken.subject }
}

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {Settings} settings
 * @param {boolean} cache of tokens; the one of keys is always there
 * @returns {Promise<Guard>}
 */
async function fastifyJwt(app, { issuer, audience, algorithm, scope }, cache) {
  const { default: plugin } = await import('@fastify/jwt')
  const { default: buildGetJwks } = await import('get-jwks')
  const getJwks = buildGetJwks({ issuersWhitelist: [issuer] })
  await app.register(plugin, {
    decode: { complete: true },
    verify: { algorithms: /** @type {any} */ ([algorithm]), allowedIss: issuer, allowedAud: audience, cache },
    secret: (/** @type {unknown} */ _request, /** @type {any} */ { header: { kid, alg }, payload: { iss } }) =>
      getJwks.getPublicKey({ kid, alg, domain: iss }),
  })
  const onRequest = async (/** @type {any} */ request, /** @type {import('fastify').FastifyReply} */ reply) => {
    await request.jwtVerify()
    if (!request.user.scope?.split(' ').includes(scope)) return reply.code(403).send({ error: 'insufficient_scope' })
  }
  return { onRequest: [onRequest], subject: ({ user }) => user.sub }
}

/**
 * @param {string} name
 * @param {Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(name, settings) {
  const app = Fastify()
  app.get(OPEN, (_request, reply) => {
    reply.send({ subject: settings.subject })
  })
  // In a scope of its own: what a plugin adds to requests stays away from the open route.
  await app.register(async (scope) => {
    const { onRequest, subject } = await guards[name](scope, settings)
    scope.get(GUARDED, { onRequest }, (request, reply) => {
      reply.send({ subject: subject(request) })
    })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return /** @type {import('node:net').AddressInfo} */ (app.server.address()).port
}
