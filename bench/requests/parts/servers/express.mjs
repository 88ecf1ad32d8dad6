import { once } from 'node:events'
import express from 'express'
import { importBearward } from '../../../lib/bearward.mjs'
import { ownOptions } from '../../servers/options.mjs'
import { createSteps, FIRST, LAST, pathOf } from '../steps.mjs'

/**
 * @param {import('../../server.mjs').Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(settings) {
  const { resourceServer } = await importBearward('./express')
  const { requireScope, accessToken, server } = resourceServer(ownOptions(settings))
  const app = express()
  const open = (/** @type {any} */ _request, /** @type {any} */ response) => {
    response.json({ subject: settings.subject })
  }
  app.get(pathOf(FIRST), open)
  app.get(pathOf('nothing'), (_request, _response, next) => next(), open)
  for (const [step, work] of Object.entries(createSteps(server.verify))) {
    const middleware = (/** @type {any} */ request, /** @type {any} */ _response, /** @type {() => void} */ next) => {
      work(request.headers.authorization)
      next()
    }
    app.get(pathOf(step), middleware, open)
  }
  app.get(pathOf('guard'), requireScope(settings.scope), (request, response) => {
    response.json({ subject: accessToken(request).subject })
  })
  app.get(pathOf(LAST), open)
  const listening = app.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return /** @type {import('node:net').AddressInfo} */ (listening.address()).port
}
