import { importBearward } from '../../../lib/bearward.mjs'
import { serveRoutes } from '../../express-routes.mjs'
import { ownOptions } from '../../servers/options.mjs'
import { BY_HAND, bareRoute, createRefusals } from '../refusals.mjs'
import { createSteps, FIRST, HAND_OVER, LAST, pathOf } from '../steps.mjs'

/**
 * @param {import('../../server.mjs').Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(settings) {
  const { resourceServer } = await importBearward('./express')
  const { requireScope, accessToken, server } = resourceServer(ownOptions(settings))
  const open = (/** @type {any} */ _request, /** @type {any} */ response) =>
    response.json({ subject: settings.subject })
  const middlewareOf =
    (/** @type {string} */ step, /** @type {(authorization: string | undefined) => unknown} */ work) =>
    (/** @type {any} */ request, /** @type {any} */ _response, /** @type {() => void} */ next) => {
      const found = work(request.headers.authorization)
      if (step === HAND_OVER) request.found = found
      next()
    }
  const steps = Object.entries(createSteps(server.verify))
  const { none, bad, refuse } = await createRefusals(server, settings)
  const respond = (/** @type {any} */ response, /** @type {import('../refusals.mjs').Refusal} */ refusal) => {
    const { status, headers, body } = refusal
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body)
  }
  return serveRoutes({
    [pathOf(FIRST)]: [open],
    [pathOf('nothing')]: [
      (/** @type {any} */ _request, /** @type {any} */ _response, /** @type {any} */ next) => next(),
      open,
    ],
    ...Object.fromEntries(steps.map(([step, work]) => [pathOf(step), [middlewareOf(step, work), open]])),
    [pathOf('guard')]: [
      requireScope(settings.scope),
      (/** @type {any} */ request, /** @type {any} */ response) =>
        response.json({ subject: accessToken(request).subject }),
    ],
    [pathOf(LAST)]: [open],
    [pathOf(bareRoute('none'))]: [
      (/** @type {any} */ _request, /** @type {any} */ response) => respond(response, none),
    ],
    [pathOf(bareRoute('bad'))]: [(/** @type {any} */ _request, /** @type {any} */ response) => respond(response, bad)],
    [pathOf(BY_HAND)]: [
      (/** @type {any} */ request, /** @type {any} */ response, /** @type {() => void} */ next) =>
        refuse(request.headers.authorization, (refusal) => (refusal ? respond(response, refusal) : next())),
      open,
    ],
  })
}
