import { once } from 'node:events'
import { createServer } from 'node:http'
import { resourceServer } from 'bearward/node'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope } = resourceServer({ resource, issuer: { issuer, keys } })

const listener = createServer(async (req, res) => {
  const token = await requireScope('read:orders')(req, res)
  if (!token) return
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ for: token.subject }))
})
listener.listen(0, '127.0.0.1')
await once(listener, 'listening')
await exercise((headers) => fetch(`http://127.0.0.1:${listener.address().port}/orders`, { headers }))
listener.close()
listener.closeAllConnections()
