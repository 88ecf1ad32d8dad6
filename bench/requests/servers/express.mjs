import { once } from 'node:events'
import express from 'express'
import { importBearward } from '../../lib/bearward.mjs'

/** @typedef {import('../server.mjs').Settings} Settings */

/**
 * Middleware for the route, and how its handler gets at the subject.
 *
 * @typedef {{ middleware: any[], subject: (request: any) => string }} Guard
 */

/** @type {Record<string, (settings: Settings) => Promise<Guard>>} */
const guards = {
  async bare({ subject }) {
    return { middleware: [], subject: () => subject }
  },

  async 'express-oauth2-jwt-bearer'({ issuer, audience }) {
    const { auth } = await import('express-oauth2-jwt-bearer')
    return { middleware: [auth({ issuerBaseURL: issuer, audience })], subject: ({ auth }) => auth.payload.sub }
  },

  async 'express-jwt, jwks-rsa'({ issuer, audience, algorithm, jwksUrl }) {
    const { expressjwt } = await import('express-jwt')
    const { default: jwksRsa } = await import('jwks-rsa')
    const secret = jwksRsa.expressJwtSecret({
      cache: true,
      rateLimit: true,
      jwksRequestsPerMinute: 5,
      jwksUri: jwksUrl,
    })
    const algorithms = /** @type {import('jsonwebtoken').Algorithm[]} */ ([algorithm])
    const middleware = expressjwt({ secret: /** @type {any} */ (secret), audience, issuer, algorithms })
    return { middleware: [middleware], subject: ({ auth }) => auth.sub }
  },

  async bearward({ issuer, audience }) {
    const { resourceServer } = await importBearward('./express')
    const { protect, accessToken } = resourceServer({ resource: audience, issuer })
    return { middleware: [protect()], subject: (request) => accessToken(request).subject }
  },
}

/**
 * The peers leave the answer to the application. Express's own handler would also write each error to the console.
 *
 * @param {any} error
 * @param {import('express').Request} _request
 * @param {import('express').Response} response
 * @param {import('express').NextFunction} _next without which it would not be an error handler
 */
function answerError(error, _request, response, _next) {
  const { status = 500, headers = {}, code } = error
  response.status(status).set(headers).json({ error: code })
}

/**
 * @param {string} name
 * @param {Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(name, settings) {
  const { middleware, subject } = await guards[name](settings)
  const app = express()
  app.get('/orders', ...middleware, (request, response) => {
    response.json({ subject: subject(request) })
  })
  app.use(answerError)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}
