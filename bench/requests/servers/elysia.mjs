import { Elysia } from 'elysia'
import { importBearward } from '../../lib/bearward.mjs'
import { createCheck } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { authorizationOf, fetchByPath, refusal } from './by-path.mjs'
import { ownOptions } from './options.mjs'

/** @type {Record<string, (settings: import('../server.mjs').Settings) => Promise<{ beforeHandle: any, subject: (context: any) => string }>>} */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    /** @type {WeakMap<Request, any>} */
    const claimsOf = new WeakMap()
    // Elysia reads the text of a function to see what it uses, and awaits only those that are declared as async.
    const beforeHandle = async (/** @type {{ request: Request }} */ { request }) => {
      const { status, claims } = await check(authorizationOf(request))
      if (status !== 200) return refusal(status)
      claimsOf.set(request, claims)
    }
    return { beforeHandle, subject: ({ request }) => claimsOf.get(request).sub }
  },
  async bearward(settings) {
    const { requireScope, accessToken } = (await importBearward('./elysia')).resourceServer(ownOptions(settings))
    return { beforeHandle: requireScope(settings.scope), subject: (context) => accessToken(context).subject }
  },
}

/** @param {string} name @param {import('../server.mjs').Settings} settings */
export async function listen(name, settings) {
  const { beforeHandle, subject } = await guards[name](settings)
  const open = new Elysia().get(OPEN, () => ({ subject: settings.subject }))
  const guarded = new Elysia().get(GUARDED, (context) => ({ subject: subject(context) }), { beforeHandle })
  return fetchByPath({ [OPEN]: open.handle, [GUARDED]: guarded.handle })
}
