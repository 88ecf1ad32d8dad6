import { createServer } from 'node:http'
import { resourceServer } from 'bearward/node'

const { requireScope, upgrade } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const http = createServer(async (request, response) => {
  const token = await requireScope('read:orders')(request, response)
  const subject: string | undefined = token?.subject
  if (token) response.end(subject)
})
http.on('upgrade', async (request, socket) => {
  const token = await upgrade(request, socket)
  if (token) socket.end()
})

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
