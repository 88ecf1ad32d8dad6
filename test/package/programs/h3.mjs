import { resourceServer } from 'bearward/h3'
import { H3 } from 'h3'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope, accessToken } = resourceServer({ resource, issuer: { issuer, keys } })

const app = new H3({ silent: true }).get('/orders', (event) => ({ for: accessToken(event).subject }), {
  middleware: [requireScope('read:orders')],
})
await exercise(async (headers) => app.request('https://api.example.com/orders', { headers }))
