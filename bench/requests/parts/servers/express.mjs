import { importBearward } from '../../../lib/bearward.mjs'
import { serveRoutes } from '../../express-routes.mjs'
import { ownOptions } from '../../servers/options.mjs'
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
  })
}
