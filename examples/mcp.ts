// An MCP server over Streamable HTTP with protected tools, on Express with the MCP SDK 2.x. Without ISSUER it starts its
// own authorization server, at which any MCP client can register.
//
//   PORT=3000 node mcp.js
//
// Then give http://localhost:3000/mcp to an MCP client, such as the inspector: npx @modelcontextprotocol/inspector
//
// It listens on loopback only. Behind a proxy, RESOURCE is its public URL, and HOST the address to listen on.

import type { AddressInfo } from 'node:net'
import { hostHeaderValidation } from '@modelcontextprotocol/express'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { type AuthInfo, createMcpHandler, McpServer, requireScopes } from '@modelcontextprotocol/server'
import { resourceServer } from 'bearward/express'
import { setAuth } from 'bearward/mcp'
import express from 'express'
import { z } from 'zod'
import { startAuthorizationServer } from './mcp/authorization-server.ts'

const SCOPES = ['read:orders', 'write:orders'] as const

const { issuer, server: own } = process.env.ISSUER
  ? { issuer: process.env.ISSUER, server: undefined }
  : await startAuthorizationServer(SCOPES)

const app = express()
const listener = app.listen(portNumber(), process.env.HOST || '127.0.0.1')
await new Promise<void>((resolve, reject) => listener.once('listening', resolve).once('error', reject))
// The resource is exactly the URL that clients use: they compare it with the metadata (RFC 9728 §3.3).
const here = `http://localhost:${(listener.address() as AddressInfo).port}/mcp`
const resource = process.env.RESOURCE ?? here

const bound = resourceServer({
  resource,
  issuer,
  scopes: SCOPES,
  metadata: { name: 'Orders', documentation: 'https://modelcontextprotocol.io/' },
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const asText = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] })

/** Creates a server for each request, so that its tools see the caller. */
const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'orders', version: '1.0.0' })
  server.registerTool('list_orders', { description: 'Lists all orders' }, () => asText(orders))
  server.registerTool(
    'order',
    {
      description: 'Orders an item',
      inputSchema: z.object({ item: z.string() }),
      // A read-only token gets 403 with these scopes. The client then asks its user for more.
      scopeChallenge: requireScopes('read:orders', 'write:orders'),
    },
    ({ item }) => {
      const order = { id: orders.length + 1, item, by: nameOf(authInfo) }
      orders.push(order)
      return asText(order)
    },
  )
  return server
})

const serve = toNodeHandler(handler)

// A page whose host name resolves to loopback could otherwise call this server from a browser (DNS rebinding).
app.use(hostHeaderValidation(['localhost', '127.0.0.1', new URL(resource).hostname]))
app.use(bound.metadata())
// The guard responds unless the token is good. setAuth() then passes the token to the SDK, which passes it to the tools.
app.post('/mcp', bound.requireScope('read:orders'), setAuth(bound), (req, res) => serve(req, res))
// No GET stream and no DELETE: this server is stateless.
app.all('/mcp', (_req, res) => void res.set('Allow', 'POST').sendStatus(405))

console.log(`MCP server at ${here}, with tokens from ${issuer}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    bound.server.close()
    void handler.close()
    for (const one of [listener, own]) one?.close() // pending requests still complete
  })
}

/** A client that acts on its own behalf has no subject. */
function nameOf(auth: AuthInfo | undefined): string {
  return String(auth?.extra?.subject ?? auth?.clientId ?? 'unknown')
}

function portNumber(): number {
  const { PORT = '3000' } = process.env
  if (/^\d{1,5}$/.test(PORT)) return Number(PORT)
  console.error('PORT is not a port number.')
  process.exit(2)
}
