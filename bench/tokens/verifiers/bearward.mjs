import { importBearward } from '../../lib/bearward.mjs'
import { SCOPE } from '../../lib/issuer.mjs'

const { createResourceServer } = await importBearward()

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }) {
  const server = createResourceServer({ resource: audience, issuer: { issuer, keys: jwks, algorithms: [algorithm] } })
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
