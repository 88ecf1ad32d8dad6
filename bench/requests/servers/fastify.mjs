import Fastify from 'fastify'
import { importBearward } from '../../lib/bearward.mjs'

/** @typedef {import('../server.mjs').Settings} Settings */

/**
 * Hooks for the route, and how its handler gets at the subject.
 *
 * @typedef {{ onRequest: any[], subject: (request: any) => string }} Guard
 */

/** @type {Record<string, (app: import('fastify').FastifyInstance, settings: Settings) => Promise<Guard>>} */
const guards = {
  async bare(_app, { subject }) {
    return { onRequest: [], subject: () => subject }
  },

  '@fastify/jwt, get-jwks': (app, settings) => fastifyJwt(app, settings, false),
  '@fastify/jwt with its cache, get-jwks': (app, settings) => fastifyJwt(app, settings, true),

  async bearward(app, { issuer, audience }) {
    const { default: bearward } = await importBearward('./fastify')
    await app.register(bearward, { resource: audience, issuer })
    const { protect } = /** @type {any} */ (app)
    return { onRequest: [protect()], subject: ({ accessToken }) => accessToken.subject }
  },
}

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {Settings} settings
 * @param {boolean} cache of tokens; the one of keys is always there
 * @returns {Promise<Guard>}
 */
async function fastifyJwt(app, { issuer, audience, algorithm }, cache) {
  const { default: plugin } = await import('@fastify/jwt')
  const { default: buildGetJwks } = await import('get-jwks')
  const getJwks = buildGetJwks({ issuersWhitelist: [issuer] })
  await app.register(plugin, {
    decode: { complete: true },
    verify: { algorithms: /** @type {any} */ ([algorithm]), allowedIss: issuer, allowedAud: audience, cache },
    secret: (/** @type {unknown} */ _request, /** @type {any} */ { header: { kid, alg }, payload: { iss } }) =>
      getJwks.getPublicKey({ kid, alg, domain: iss }),
  })
  const onRequest = async (/** @type {import('fastify').FastifyRequest} */ request) => {
    await request.jwtVerify()
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
  const { onRequest, subject } = await guards[name](app, settings)
  app.get('/orders', { onRequest }, (request, reply) => {
    reply.send({ subject: subject(request) })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return /** @type {import('node:net').AddressInfo} */ (app.server.address()).port
}
