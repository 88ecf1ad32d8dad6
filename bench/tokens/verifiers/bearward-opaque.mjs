import { importBearward } from '../../lib/bearward.mjs'
import { introspect, SCOPE } from '../../lib/issuer.mjs'

/**
 * With an authorization server that responds at once: only the first use of a token introspects.
 *
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {Promise<import('../contestants.mjs').Verifier>}
 */
export async function create({ issuer, audience }) {
  const { createResourceServer } = await importBearward()
  const introspection = { endpoint: `${issuer}/introspect`, client: { method: 'bearer', token: 'secret' } }
  const server = createResourceServer({
    resource: audience,
    issuer: { issuer, keys: null, introspection },
    fetch: async (/** @type {string} */ _url, /** @type {{ body?: any }} */ { body }) =>
      Response.json(introspect(new URLSearchParams(String(body)).get('token'), issuer)),
  })
  const check = (/** @type {any} */ accessToken) => {
    if (!accessToken.hasScope(SCOPE)) throw new Error('insufficient scope')
  }
  return {
    verify(token) {
      const found = server.verify(token)
      return found instanceof Promise ? found.then(check) : check(found)
    },
  }
}
