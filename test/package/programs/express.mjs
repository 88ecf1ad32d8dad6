import { once } from 'node:events'
import { resourceServer } from 'bearward/express'
import express from 'express'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope, accessToken } = resourceServer({ resource, issuer: { issuer, keys } })

const app = express()
app.get('/orders', requireScope('read:orders'), (req, res) => {
  res.json({ for: accessToken(req).subject })
})

const listener = app.listen(0, '127.0.0.1')
await once(listener, 'listening')
await exercise((headers) => fetch(`http://127.0.0.1:${listener.address().port}/orders`, { headers }))
listener.close()
listener.closeAllConnections()
