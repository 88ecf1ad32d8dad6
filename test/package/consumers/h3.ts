import { resourceServer } from 'bearward/h3'
import { H3 } from 'h3'

const { requireScope, accessToken, metadata } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const app = new H3()
  .use(metadata())
  .get('/orders', (event) => ({ for: accessToken(event).subject }), { middleware: [requireScope('read:orders')] })
  .get(
    '/wrapped',
    requireScope('read:orders')((event) => ({ for: accessToken(event).subject })),
  )

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
