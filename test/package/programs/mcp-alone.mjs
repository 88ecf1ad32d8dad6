import { ConfigurationError, createResourceServer } from 'bearward'
import { authInfo, mcpVerifier, setAuth } from 'bearward/mcp'
import { issuer, keys, resource, sign } from './token.mjs'

const server = createResourceServer({ resource, issuer: { issuer, keys } })
const token = await server.verify(await sign())
if (authInfo(server, token).extra.subject !== 'alice') throw new Error('another subject')

const request = {}
setAuth({ server, accessToken: () => token })(request, undefined, () => undefined)
if (request.auth.token !== token.raw) throw new Error('another token')

try {
  mcpVerifier(server, {})
  throw new Error('a verifier was made without the errors of an SDK')
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
}

console.log('all as expected')
