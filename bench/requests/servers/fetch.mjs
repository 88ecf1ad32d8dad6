import { importBearward } from '../../lib/bearward.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { authorizationOf, fetchByPath, refusal } from './by-path.mjs'
import { ownOptions } from './options.mjs'

/** @type {Record<string, (settings: import('../server.mjs').Settings) => Promise<(request: Request) => any>>} */
const guarded = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    return (request) =>
      whenDecided(check(authorizationOf(request)), ({ status, claims }) =>
        status === 200 ? Response.json({ subject: claims.sub }) : refusal(status),
      )
  },
  async bearward(settings) {
    const { requireScope, accessToken } = (await importBearward('./fetch')).resourceServer(ownOptions(settings))
    return requireScope(settings.scope)((/** @type {Request} */ request) =>
      Response.json({ subject: accessToken(request).subject }),
    )
  },
}

/** @param {string} name @param {import('../server.mjs').Settings} settings */
export const listen = async (name, settings) =>
  fetchByPath({
    [OPEN]: () => Response.json({ subject: settings.subject }),
    [GUARDED]: await guarded[name](settings),
  })
