import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { importBearward } from '../../lib/bearward.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { ownOptions } from './options.mjs'

/** @typedef {import('../server.mjs').Settings} Settings */

/**
 * Middleware for the route, and how its handler gets at the subject.
 *
 * @typedef {{ middleware: any[], subject: (context: any) => string }} Guard
 */

/** @type {Record<string, (settings: Settings) => Promise<Guard>>} */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    const middleware = (/** @type {any} */ context, /** @type {() => Promise<void>} */ next) =>
      whenDecided(check(context.req.header('authorization')), ({ status, claims }) => {
        if (status !== 200) return context.json({ status }, status, { 'WWW-Authenticate': 'Bearer' })
        context.set('claims', claims)
        return next()
      })
    return { middleware: [middleware], subject: (context) => context.get('claims').sub }
  },

  // As its documentation has it. It fetches the key set for each request.
  'hono/jwk': (settings) => honoJwk({ jwks_uri: settings.jwksUrl }, settings),

  // Not what an application with rotating keys can do, but the least that the middleware can cost.
  async 'hono/jwk, keys given'(settings) {
    const { keys } = await (await fetch(settings.jwksUrl)).json()
    return honoJwk({ keys }, settings)
  },

  async oauth4webapi({ issuer, audience, algorithm, scope, jwksUrl }) {
    const { allowInsecureRequests, validateJwtAccessToken } = await import('oauth4webapi')
    const server = { issuer, jwks_uri: jwksUrl }
    const options = { signingAlgorithms: [algorithm], [allowInsecureRequests]: true }
    const validate = async (/** @type {any} */ context, /** @type {() => Promise<void>} */ next) => {
      try {
        context.set('jwtPayload', await validateJwtAccessToken(server, context.req.raw, audience, options))
      } catch {
        return context.json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
      }
      return next()
    }
    return { middleware: [validate, requireScope(scope)], subject: (context) => context.get('jwtPayload').sub }
  },

  bearward: (settings) => bearward(ownOptions(settings), settings),
}

/**
 * @param {object} options
 * @param {Settings} settings
 * @returns {Promise<Guard>}
 */
async function bearward(options, { scope }) {
  const { resourceServer } = await importBearward('./hono')
  const { requireScope } = resourceServer(options)
  return { middleware: [requireScope(scope)], subject: (context) => context.get('accessToken').subject }
}

/**
 * For those that leave scopes to the application.
 *
 * @param {string} scope
 */
const requireScope = (scope) => (/** @type {any} */ context, /** @type {() => Promise<void>} */ next) =>
  context.get('jwtPayload').scope?.split(' ').includes(scope)
    ? next()
    : context.json({ error: 'insufficient_scope' }, 403)

/**
 * @param {{ jwks_uri: string } | { keys: any[] }} source
 * @param {Settings} settings
 * @returns {Promise<Guard>}
 */
async function honoJwk(source, { issuer, audience, algorithm, scope }) {
  const { jwk } = await import('hono/jwk')
  const verification = { iss: issuer, aud: audience, typ: 'at+jwt' }
  const middleware = jwk({ ...source, alg: /** @type {any} */ ([algorithm]), verification })
  return { middleware: [middleware, requireScope(scope)], subject: (context) => context.get('jwtPayload').sub }
}

/**
 * @param {string} name
 * @param {Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(name, settings) {
  const { middleware, subject } = await guards[name](settings)
  const app = new Hono()
  app.get(OPEN, (context) => context.json({ subject: settings.subject }))
  for (const handler of middleware) app.use(GUARDED, handler)
  app.get(GUARDED, (context) => context.json({ subject: subject(context) }))
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}
