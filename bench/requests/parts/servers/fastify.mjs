import Fastify from 'fastify'
import { importBearward } from '../../../lib/bearward.mjs'
import { ownOptions } from '../../servers/options.mjs'
import { BY_HAND, bareRoute, createRefusals } from '../refusals.mjs'
import { createSteps, FIRST, HAND_OVER, LAST, pathOf } from '../steps.mjs'

/**
 * @param {import('../../server.mjs').Settings} settings
 * @returns {Promise<number>} the port
 */
export async function listen(settings) {
  const { default: plugin } = await importBearward('./fastify/plugin')
  const app = Fastify()
  const open = (/** @type {any} */ _request, /** @type {any} */ reply) => {
    reply.send({ subject: settings.subject })
  }
  /** @type {any} */
  let resourceServer
  // In a scope of its own: what the plugin adds to requests stays away from the other routes.
  await app.register(async (scope) => {
    await scope.register(plugin, ownOptions(settings))
    const { requireScope, resourceServer: server } = /** @type {any} */ (scope)
    resourceServer = server
    const onRequest = [requireScope(settings.scope)]
    scope.get(pathOf('guard'), { onRequest }, (/** @type {any} */ request, reply) => {
      reply.send({ subject: request.accessToken.subject })
    })
  })
  app.get(pathOf(FIRST), open)
  app.get(pathOf('nothing'), { onRequest: [(_request, _reply, done) => done()] }, open)
  for (const [step, work] of Object.entries(createSteps(resourceServer.verify))) {
    const onRequest = (/** @type {any} */ request, /** @type {any} */ _reply, /** @type {() => void} */ done) => {
      const found = work(request.headers.authorization)
      if (step === HAND_OVER) request.found = found
      done()
    }
    app.get(pathOf(step), { onRequest: [onRequest] }, open)
  }
  app.get(pathOf(LAST), open)
  const { none, bad, refuse } = await createRefusals(resourceServer, settings)
  // As bytes: Fastify would add a charset to the media type of a text.
  const bodies = new Map([none, bad].map((refusal) => [refusal, Buffer.from(refusal.body)]))
  const respond = (/** @type {any} */ reply, /** @type {import('../refusals.mjs').Refusal} */ refusal) => {
    reply.code(refusal.status).headers(refusal.headers).send(bodies.get(refusal))
  }
  app.get(pathOf(bareRoute('none')), (_request, reply) => respond(reply, none))
  app.get(pathOf(bareRoute('bad')), (_request, reply) => respond(reply, bad))
  const onRequest = (/** @type {any} */ request, /** @type {any} */ reply, /** @type {() => void} */ done) => {
    refuse(request.headers.authorization, (refusal) => (refusal ? respond(reply, refusal) : done()))
  }
  app.get(pathOf(BY_HAND), { onRequest: [onRequest] }, open)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return /** @type {import('node:net').AddressInfo} */ (app.server.address()).port
}
