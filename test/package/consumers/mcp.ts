import { createMcpHandler, McpServer, OAuthError, requireBearerAuth } from '@modelcontextprotocol/server'
import { createResourceServer, type ResourceRequest } from 'bearward'
import { authInfo, mcpVerifier } from 'bearward/mcp'

const server = createResourceServer({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

const handler = createMcpHandler(({ authInfo }) => {
  const subject: unknown = authInfo?.extra?.subject
  return new McpServer({ name: `orders of ${subject}`, version: '1.0.0' })
})

// The SDK's middleware with our verifier.
const gate = requireBearerAuth({ verifier: mcpVerifier(server, { OAuthError }), requiredScopes: ['read:orders'] })
export async function behindTheirs(request: Request): Promise<Response> {
  const auth = await gate(request)
  return auth instanceof Response ? auth : handler.fetch(request, { authInfo: auth })
}

// Our guard, which passes the token to the SDK.
export async function behindOurs(request: Request, view: ResourceRequest<Request>): Promise<Response> {
  const token = await server.authenticate(view)
  return handler.fetch(request, { authInfo: authInfo(server, token) })
}

// @ts-expect-error: without the errors of the SDK every refusal would be a 500.
mcpVerifier(server)

// @ts-expect-error: a misspelt option.
mcpVerifier({ resource: 'https://mcp.example.com', isuer: 'https://auth.example.com' }, { OAuthError })
