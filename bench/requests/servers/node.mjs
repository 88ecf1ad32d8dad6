import { importBearward } from '../../lib/bearward.mjs'
import { createCheck } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { serveByPath } from './by-path.mjs'
import { ownOptions } from './options.mjs'

/**
 * Returns the subject, or responds.
 *
 * @type {Record<string, (settings: import('../server.mjs').Settings) => Promise<(request: any, response: any) => Promise<string | undefined>>>}
 */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    return async (request, response) => {
      const { status, claims } = await check(request.headers.authorization)
      if (status === 200) return claims.sub
      response.setHeader('WWW-Authenticate', 'Bearer')
      respond(response, status, { status })
      return undefined
    }
  },
  async bearward(settings) {
    const { requireScope } = (await importBearward('./node')).resourceServer(ownOptions(settings))
    const guard = requireScope(settings.scope)
    return async (request, response) => (await guard(request, response))?.subject
  },
}

/** @param {any} response @param {number} status @param {object} value */
function respond(response, status, value) {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body)
}

/** @param {string} name @param {import('../server.mjs').Settings} settings */
export async function listen(name, settings) {
  const guard = await guards[name](settings)
  return serveByPath({
    [OPEN]: (_, response) => respond(response, 200, { subject: settings.subject }),
    async [GUARDED](request, response) {
      const subject = await guard(request, response)
      if (subject !== undefined) respond(response, 200, { subject })
    },
  })
}
