import type { AccessToken, ResourceServer } from 'bearward'
import { bindResourceServer } from 'bearward/fetch'
import { createResourceServer, type JwtIssuerOptions, type JwtResourceServerOptions } from 'bearward/jwt-only'

export const issuer: JwtIssuerOptions = { issuer: 'https://auth.example.com', audience: 'orders' }
export const options: JwtResourceServerOptions = { resource: 'https://api.example.com', issuer }

export const server: ResourceServer<'read:orders'> = createResourceServer({
  resource: 'https://api.example.com',
  issuer: [issuer, 'https://login.example.com'],
  scopes: ['read:orders'],
})
const { requireScope, accessToken } = bindResourceServer(server)
export const handler = requireScope('read:orders')((request) => {
  const token: AccessToken = accessToken(request)
  return new Response(token.subject)
})

// @ts-expect-error: not one of the scopes.
requireScope('read:order')

// @ts-expect-error: not part of this subpath.
createResourceServer({ resource: 'https://api.example.com', issuer: 'https://auth.example.com', dpop: 'accept' })

createResourceServer({
  resource: 'https://api.example.com',
  // @ts-expect-error: not part of this subpath.
  issuer: { issuer: 'https://auth.example.com', introspect: () => ({ active: false }) },
})

createResourceServer({
  resource: 'https://api.example.com',
  // @ts-expect-error: not part of this subpath.
  issuer: { allow: ['https://auth.example.com'], resolve: () => ({}) },
})
