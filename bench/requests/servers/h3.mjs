import { H3 } from 'h3'
import { toNodeHandler } from 'h3/node'
import { importBearward } from '../../lib/bearward.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { authorizationOf, refusal, serveByPath } from './by-path.mjs'
import { ownOptions } from './options.mjs'

/** @type {Record<string, (settings: import('../server.mjs').Settings) => Promise<{ guard: any, subject: (event: any) => string }>>} */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    const guard = (/** @type {any} */ event, /** @type {() => unknown} */ next) =>
      whenDecided(check(authorizationOf(event.req)), ({ status, claims }) => {
        event.context.claims = claims
        return status === 200 ? next() : refusal(status)
      })
    return { guard, subject: ({ context }) => context.claims.sub }
  },
  async bearward(settings) {
    const { requireScope, accessToken } = (await importBearward('./h3')).resourceServer(ownOptions(settings))
    return { guard: requireScope(settings.scope), subject: (event) => accessToken(event).subject }
  },
}

/** @param {string} name @param {import('../server.mjs').Settings} settings */
export async function listen(name, settings) {
  const { guard, subject } = await guards[name](settings)
  const open = new H3().get(OPEN, () => ({ subject: settings.subject }))
  const guarded = new H3().get(GUARDED, (event) => ({ subject: subject(event) }), { middleware: [guard] })
  return serveByPath({ [OPEN]: toNodeHandler(open), [GUARDED]: toNodeHandler(guarded) })
}
