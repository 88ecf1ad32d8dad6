import { setImmediate } from 'node:timers/promises'
import { importBearward, takesOpaqueTokens } from '../lib/bearward.mjs'
import { answer } from '../lib/child.mjs'
import { SCOPE } from '../lib/issuer.mjs'
import { serverOptions, traffic } from './traffic.mjs'

const { createResourceServer, scope } = await importBearward()
const server = createResourceServer(serverOptions(await takesOpaqueTokens()))
const guards = server.guards(scope(SCOPE))
await server.ready()

// As many at a time as a busy server has under way.
const AT_ONCE = 100

answer({
  /** Sends so many requests through, each with another token. */
  async send({ name, count }) {
    const { next, good } = traffic[name]
    for (let sent = 0; sent < count; sent += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - sent) }, () => attempt(next()))
      const accepted = (await Promise.all(batch)).filter(Boolean).length
      if (accepted !== (good ? batch.length : 0)) throw new Error(`${accepted} of ${batch.length} got through`)
    }
  },

  /** What is left when everything that can be collected is collected. */
  async memory() {
    for (let pass = 0; pass < 3; pass++) {
      await setImmediate()
      globalThis.gc?.()
    }
    const { heapUsed, external, rss } = process.memoryUsage()
    return { heap: heapUsed, external, rss }
  },
})

/** A request of its own for each token, as a framework brings one. @param {string} token */
async function attempt(token) {
  const authorization = [`Bearer ${token}`]
  try {
    await server.authenticate(
      { native: {}, method: 'GET', target: '/orders', authorization, contentType: undefined },
      guards,
    )
    return true
  } catch {
    return false
  }
}
