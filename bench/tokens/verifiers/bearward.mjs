import { importBearward } from '../../lib/bearward.mjs'

const { createResourceServer } = await importBearward()

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }) {
  const server = createResourceServer({ resource: audience, issuer: { issuer, keys: jwks, algorithms: [algorithm] } })
  return { verify: (token) => server.verify(token) }
}
