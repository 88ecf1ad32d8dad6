import { resourceServer } from 'bearward/elysia'
import { Elysia } from 'elysia'
import { exercise, issuer, keys, resource } from './token.mjs'

const { plugin } = resourceServer({ resource, issuer: { issuer, keys } })

const app = new Elysia().use(plugin()).get('/orders', ({ accessToken }) => ({ for: accessToken.subject }), {
  requireScope: ['read:orders'],
})
await exercise((headers) => app.handle(new Request('https://api.example.com/orders', { headers })))
