import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { importBearward } from '../../lib/bearward.mjs'

/** @typedef {import('../server.mjs').Settings} Settings */

/**
 * Middleware for the route, and how its handler gets at the subject.
 *
 * @typedef {{ middleware: any[], subject: (context: any) => string }} Guard
 */

/** @type {Record<string, (settings: Settings) => Promise<Guard>>} */
const guards = {
  async bare({ subject }) {
    return { middleware: [], subject: () => subject }
  },

  // As its documentation has it. It fetches the key set for each request.
  'hono/jwk': ({ jwksUrl, ...settings }) => honoJwk({ jwks_uri: jwksUrl }, settings),

  // Not what an application with rotating keys can do, but the least that the middleware can cost.
  async 'hono/jwk, keys given'({ jwksUrl, ...settings }) {
    const { keys } = await (await fetch(jwksUrl)).json()
    return honoJwk({ keys }, settings)
  },

  async bearward({ issuer, audience }) {
    const { resourceServer } = await importBearward('./hono')
    const { protect } = resourceServer({ resource: audience, issuer })
    return { middleware: [protect()], subject: ({ var: { accessToken } }) => accessToken.subject }
  },
}

/**
 * @param {{ jwks_uri: string } | { keys: any[] }} source
 * @param {Omit<Settings, 'jwksUrl'>} settings
 * @returns {Promise<Guard>}
 */
async function honoJwk(source, { issuer, audience, algorithm }) {
  const { jwk } = await import('hono/jwk')
  const verification = { iss: issuer, aud: audience, typ: 'at+jwt' }
  const middleware = jwk({ ...source, alg: /** @type {any} */ ([algorithm]), verification })
  return { middleware: [middleware], subject: ({ var: { jwtPayload } }) => jwtPayload.sub }
}

/**
 * @param {string} name
 * @param {Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(name, settings) {
  const { middleware, subject } = await guards[name](settings)
  const app = new Hono()
  for (const handler of middleware) app.use('/orders', handler)
  app.get('/orders', (context) => context.json({ subject: subject(context) }))
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}
