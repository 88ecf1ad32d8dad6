import Koa from 'koa'
import { importBearward } from '../../lib/bearward.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { serveByPath } from './by-path.mjs'
import { ownOptions } from './options.mjs'

/** @type {Record<string, (settings: import('../server.mjs').Settings) => Promise<{ guard: any, subject: (context: any) => string }>>} */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    const guard = (/** @type {any} */ context, /** @type {() => Promise<void>} */ next) =>
      whenDecided(check(context.headers.authorization), ({ status, claims }) => {
        context.state.claims = claims
        if (status === 200) return next()
        context.status = status
        context.set('WWW-Authenticate', 'Bearer')
        context.body = { status }
      })
    return { guard, subject: ({ state }) => state.claims.sub }
  },
  async bearward(settings) {
    const { requireScope } = (await importBearward('./koa')).resourceServer(ownOptions(settings))
    return { guard: requireScope(settings.scope), subject: ({ state }) => state.accessToken.subject }
  },
}

/** @param {string} name @param {import('../server.mjs').Settings} settings */
export async function listen(name, settings) {
  const { guard, subject } = await guards[name](settings)
  const respond = (/** @type {(context: any) => string} */ of) => (/** @type {any} */ context) => {
    context.body = { subject: of(context) }
  }
  const open = new Koa().use(respond(() => settings.subject))
  const guarded = new Koa().use(guard).use(respond(subject))
  return serveByPath({ [OPEN]: open.callback(), [GUARDED]: guarded.callback() })
}
