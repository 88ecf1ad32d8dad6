import { createResourceServer } from 'bearward'
import { authInfo, type McpAuthInfo, mcpVerifier, setAuth } from 'bearward/mcp'

class OAuthError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const server = createResourceServer({ resource: 'https://mcp.example.com', issuer: 'https://auth.example.com' })
const verifier = mcpVerifier(server, { OAuthError })

export const verified: Promise<McpAuthInfo> = verifier.verifyAccessToken('token')
export const handedOver = async (token: string): Promise<string | undefined> =>
  authInfo(server, await server.verify(token)).extra.subject

// @ts-expect-error: no guard.
setAuth(server)
