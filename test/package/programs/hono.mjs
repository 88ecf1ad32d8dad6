import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope } = resourceServer({ resource, issuer: { issuer, keys } })

const app = new Hono().get('/orders', requireScope('read:orders'), (c) => c.json({ for: c.var.accessToken.subject }))

await exercise((headers) => app.request('/orders', { headers }))
