import { importBearward } from '../../lib/bearward.mjs'
import { serveRoutes } from '../express-routes.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { ownOptions } from './options.mjs'

/** @typedef {import('../server.mjs').Settings} Settings */

/**
 * Middleware for the route, and how its handler gets at the subject.
 *
 * @typedef {{ middleware: any[], subject: (request: any) => string }} Guard
 */

/** @type {Record<string, (settings: Settings) => Promise<Guard>>} */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    const middleware = (/** @type {any} */ request, /** @type {any} */ response, /** @type {() => void} */ next) =>
      whenDecided(check(request.headers.authorization), ({ status, claims }) => {
        if (status !== 200) return response.status(status).set('WWW-Authenticate', 'Bearer').json({ status })
        request.claims = claims
        next()
      })
    return { middleware: [middleware], subject: ({ claims }) => claims.sub }
  },

  async 'express-oauth2-jwt-bearer'({ issuer, audience, scope }) {
    const { auth, requiredScopes } = await import('express-oauth2-jwt-bearer')
    const middleware = [auth({ issuerBaseURL: issuer, audience }), requiredScopes(scope)]
    return { middleware, subject: ({ auth }) => auth.payload.sub }
  },

  async 'express-jwt, jwks-rsa'({ issuer, audience, algorithm, scope, jwksUrl }) {
    const { expressjwt } = await import('express-jwt')
    const { default: jwksRsa } = await import('jwks-rsa')
    const secret = /** @type {any} */ (jwksRsa.expressJwtSecret(keysAt(jwksUrl)))
    const algorithms = /** @type {import('jsonwebtoken').Algorithm[]} */ ([algorithm])
    const middleware = [expressjwt({ secret, audience, issuer, algorithms }), requireScope(scope, ({ auth }) => auth)]
    return { middleware, subject: ({ auth }) => auth.sub }
  },

  async 'passport-jwt, jwks-rsa'({ issuer, audience, algorithm, scope, jwksUrl }) {
    const { default: passport } = await import('passport')
    const { ExtractJwt, Strategy } = await import('passport-jwt')
    const { default: jwksRsa } = await import('jwks-rsa')
    const options = {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret(keysAt(jwksUrl)),
      issuer,
      audience,
      algorithms: [algorithm],
    }
    const found = (/** @type {any} */ claims, /** @type {any} */ done) => done(null, claims)
    passport.use(new Strategy(/** @type {any} */ (options), found))
    const middleware = [passport.authenticate('jwt', { session: false }), requireScope(scope, ({ user }) => user)]
    return { middleware, subject: ({ user }) => user.sub }
  },

  bearward: (settings) => bearward(ownOptions(settings), settings),
}

/**
 * @param {object} options
 * @param {Settings} settings
 * @returns {Promise<Guard>}
 */
async function bearward(options, { scope }) {
  const { resourceServer } = await importBearward('./express')
  const { requireScope, accessToken } = resourceServer(options)
  return { middleware: [requireScope(scope)], subject: (request) => accessToken(request).subject }
}

const keysAt = (/** @type {string} */ jwksUri) => ({ cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri })

/**
 * For those that leave scopes to the application.
 *
 * @param {string} scope
 * @param {(request: any) => { scope?: string }} claimsOf
 */
const requireScope =
  (scope, claimsOf) => (/** @type {any} */ request, /** @type {any} */ response, /** @type {() => void} */ next) => {
    if (claimsOf(request).scope?.split(' ').includes(scope)) next()
    else response.status(403).json({ error: 'insufficient_scope' })
  }

/**
 * The peers leave the response to the application. Express's own handler would also write each error to the console.
 *
 * @param {any} error
 * @param {import('express').Request} _request
 * @param {import('express').Response} response
 * @param {import('express').NextFunction} _next without which it would not be an error handler
 */
function respondToError(error, _request, response, _next) {
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
  return serveRoutes(
    {
      [OPEN]: [
        (/** @type {any} */ _request, /** @type {any} */ response) => response.json({ subject: settings.subject }),
      ],
      [GUARDED]: [
        ...middleware,
        (/** @type {any} */ request, /** @type {any} */ response) => response.json({ subject: subject(request) }),
      ],
    },
    respondToError,
  )
}
