import { customFetch, validateJwtAccessToken } from 'oauth4webapi'
import { requireScope } from './scope.mjs'

/**
 * It takes a whole request, which is there before its clock starts, as it would be in a framework.
 *
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }) {
  const server = { issuer, jwks_uri: `${issuer}/.well-known/jwks.json` }
  const options = { signingAlgorithms: [algorithm], [customFetch]: async () => Response.json(jwks) }
  return {
    prepare: (token) => new Request(audience, { headers: { authorization: `Bearer ${token}` } }),
    async verify(request) {
      requireScope(await validateJwtAccessToken(server, request, audience, options))
    },
  }
}
