import { setImmediate } from 'node:timers/promises'
import { importBearward, takesOpaqueTokens } from '../lib/bearward.mjs'
import { serve } from '../lib/child.mjs'
import { SCOPE } from '../lib/issuer.mjs'
import { serverOptions, traffic } from './traffic.mjs'

const { createResourceServer, scope } = await importBearward()
const server = createResourceServer(serverOptions(await takesOpaqueTokens()))
const guards = server.guards(scope(SCOPE))
await server.ready()

// The concurrency of a busy server.
const AT_ONCE = 100

serve({
  /** Sends `count` tokens, each as often as its traffic says. */
  async send({ name, count }) {
    const { next, good, times = 1 } = traffic[name]
    for (let sent = 0; sent < count; sent += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - sent) }, () => attempt(next(), times))
      const accepted = (await Promise.all(batch)).filter(Boolean).length
      if (accepted !== (good ? batch.length : 0)) throw new Error(`${accepted} of ${batch.length} got through`)
    }
  },

  /** The memory in use after full collections. */
  async memory() {
    for (let pass = 0; pass < 3; pass++) {
      await setImmediate()
      globalThis.gc?.()
    }
    const { heapUsed, external, rss } = process.memoryUsage()
    return { heap: heapUsed, external, rss }
  },
})

/**
 * A new request for each use, as a framework creates one.
 *
 * @param {string} token
 * @param {number} times
 */
async function attempt(token, times) {
  const authorization = [`Bearer ${token}`]
  try {
    for (let time = 0; time < times; time++) {
      const request = { native: {}, method: 'GET', target: '/orders', authorization, contentType: undefined }
      await server.authenticate(request, guards)
    }
    return true
  } catch {
    return false
  }
}
