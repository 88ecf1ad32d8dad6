import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer as McpServer2, requireScopes } from '@modelcontextprotocol/server'
import type { ResourceServerOptions } from 'bearward'
import { type ExpressResourceServer, resourceServer } from 'bearward/express'
import { type McpAuthInfo, setAuth } from 'bearward/mcp'
import express, { type Express, type Request, type RequestHandler } from 'express'

// An orders API as an MCP server on Express, with the SDK of each generation. The scope read:orders is enough to read;
// the tool cancel_order requires write:orders as well.

/** An MCP server on a socket, with what its tools and callers see. */
export interface McpHost {
  readonly name: string
  /** The MCP endpoint, which is the resource. */
  readonly url: string
  readonly issuer: string
  /** What the SDK passed to the tools, in order. */
  readonly seen: (McpAuthInfo | undefined)[]
  /** Each response: method, path, status and challenge. */
  readonly responses: { readonly request: string; readonly status: number; readonly challenge: string | undefined }[]
  close(): Promise<void>
}

type Mount = (app: Express, guarded: Guarded) => void

interface Guarded {
  readonly bound: ExpressResourceServer
  /** The guard in front of the endpoint. */
  readonly guard: readonly RequestHandler[]
  readonly seen: McpHost['seen']
}

/** The same tools in both SDKs. */
const TOOLS = {
  who_am_i: { description: 'Says whose token it is' },
  cancel_order: { description: 'Cancels an order' },
} as const

const text = (auth: McpAuthInfo | undefined) => ({
  content: [{ type: 'text' as const, text: `${auth?.extra.subject} with ${auth?.scopes.join(' ')}` }],
})

/** 1.x: a server and a transport for each request, without sessions. */
function mountSdk1(app: Express, { bound, guard, seen }: Guarded): void {
  // This SDK has no scopes per tool: a guard reads the message instead.
  const more = bound.requireScope('write:orders')
  const toolScopes: RequestHandler = (request, response, next) =>
    calls(request, 'cancel_order') ? more(request, response, next) : next()
  app.post('/mcp', ...guard, express.json(), toolScopes, async (request, response) => {
    const server = new McpServer1({ name: 'orders', version: '1.0.0' })
    for (const [name, tool] of Object.entries(TOOLS)) {
      server.registerTool(name, tool, ({ authInfo }) => {
        seen.push(authInfo as McpAuthInfo | undefined)
        return text(authInfo as McpAuthInfo | undefined)
      })
    }
    const transport = new StreamableHTTPServerTransport({})
    response.on('close', () => void server.close())
    // Its types do not support exactOptionalPropertyTypes.
    await server.connect(transport as Parameters<typeof server.connect>[0])
    await transport.handleRequest(request, response, request.body)
  })
}

function calls({ body }: Request, tool: string): boolean {
  const messages = [body].flat() as { method?: unknown; params?: { name?: unknown } }[]
  return messages.some(({ method, params }) => method === 'tools/call' && params?.name === tool)
}

/** 2.x: one handler for both protocols, and a challenge for a tool in its registration. */
function mountSdk2(app: Express, { guard, seen }: Guarded): void {
  const handler = createMcpHandler(() => {
    const server = new McpServer2({ name: 'orders', version: '1.0.0' })
    for (const [name, tool] of Object.entries(TOOLS)) {
      const more = name === 'cancel_order' ? { scopeChallenge: requireScopes('read:orders', 'write:orders') } : {}
      server.registerTool(name, { ...tool, ...more }, (context) => {
        seen.push(context.http?.authInfo as McpAuthInfo | undefined)
        return text(context.http?.authInfo as McpAuthInfo | undefined)
      })
    }
    return server
  })
  const serve = toNodeHandler(handler)
  app.post('/mcp', ...guard, (request, response) => serve(request, response))
}

/** Replaces our guard in front of the endpoint. */
type Guard = (bound: ExpressResourceServer, url: string) => readonly RequestHandler[]

const OUR_GUARD: Guard = (bound) => [bound.requireScope('read:orders'), setAuth(bound)]

async function start(name: string, mount: Mount, options: HostOptions): Promise<McpHost> {
  const { guard = OUR_GUARD, ...rest } = options
  const app = express()
  const http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  const bound = resourceServer({ resource: url, scopes: ['read:orders', 'write:orders'], ...rest })
  const responses: McpHost['responses'] = []
  app.use((request, response, next) => {
    response.on('finish', () => {
      const challenge = response.getHeader('WWW-Authenticate')
      responses.push({
        request: `${request.method} ${request.originalUrl}`,
        status: response.statusCode,
        challenge: challenge === undefined ? undefined : String(challenge),
      })
    })
    next()
  })
  app.use(bound.metadata())
  const seen: McpHost['seen'] = []
  mount(app, { bound, guard: guard(bound, url), seen })
  return {
    name,
    url,
    issuer: String(options.issuer),
    seen,
    responses,
    close: () =>
      new Promise((resolve) => {
        bound.server.close()
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

export type HostOptions = Omit<ResourceServerOptions, 'resource'> & { readonly guard?: Guard }

/** By SDK generation. */
export const HOSTS = {
  '1.x': (options: HostOptions) => start('SDK 1.x', mountSdk1, options),
  '2.x': (options: HostOptions) => start('SDK 2.x', mountSdk2, options),
} as const
