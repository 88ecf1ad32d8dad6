// What Bun, Deno and AWS Lambda serve here: a function from a Request to a Response.

import { resourceServer } from 'bearward/fetch'
import { issuer, resource } from './settings.ts'

const { requireScope, accessToken, metadata } = resourceServer({ resource, issuer, scopes: ['read:orders'] })

const serveMetadata = metadata()
const listOrders = requireScope('read:orders')((request) =>
  Response.json({ orders: [], for: accessToken(request).subject }),
)

export async function app(request: Request): Promise<Response> {
  const document = await serveMetadata(request)
  if (document) return document
  const isOrders = request.method === 'GET' && new URL(request.url).pathname === '/orders'
  return isOrders ? listOrders(request) : new Response(null, { status: 404 })
}
