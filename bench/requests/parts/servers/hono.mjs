import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { importBearward } from '../../../lib/bearward.mjs'
import { ownOptions } from '../../servers/options.mjs'
import { BY_HAND, bareRoute, createRefusals } from '../refusals.mjs'
import { createSteps, FIRST, HAND_OVER, LAST, pathOf } from '../steps.mjs'

/**
 * @param {import('../../server.mjs').Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(settings) {
  const { resourceServer } = await importBearward('./hono')
  const { requireScope, server } = resourceServer(ownOptions(settings))
  const app = new Hono()
  const open = (/** @type {import('hono').Context} */ context) => context.json({ subject: settings.subject })
  app.get(pathOf(FIRST), open)
  app.get(pathOf('nothing'), (_context, next) => next(), open)
  for (const [step, work] of Object.entries(createSteps(server.verify))) {
    const middleware = (/** @type {any} */ context, /** @type {() => Promise<void>} */ next) => {
      const found = work(context.req.header('authorization'))
      if (step === HAND_OVER) context.set('found', found)
      return next()
    }
    app.get(pathOf(step), middleware, open)
  }
  app.get(pathOf('guard'), requireScope(settings.scope), (/** @type {any} */ context) =>
    context.json({ subject: context.get('accessToken').subject }),
  )
  app.get(pathOf(LAST), open)
  const { none, bad, refuse } = await createRefusals(server, settings)
  const responseOf = (/** @type {import('../refusals.mjs').Refusal} */ { status, headers, body }) =>
    new Response(body, { status, headers })
  app.get(pathOf(bareRoute('none')), () => responseOf(none))
  app.get(pathOf(bareRoute('bad')), () => responseOf(bad))
  app.get(
    pathOf(BY_HAND),
    (context, next) =>
      refuse(context.req.header('authorization'), (refusal) => (refusal ? responseOf(refusal) : next())),
    open,
  )
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}
